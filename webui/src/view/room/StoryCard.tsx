import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { format } from '../../state/route.ts'
import { type Hands, useHands } from '../context.ts'
import { PageTrail } from '../incident/PageTrail.tsx'
import { attempt } from '../parts/attempt.ts'
import { Icon } from '../parts/Icon.tsx'

interface Step {
  readonly key: string
  readonly title: string
  readonly text: string
  readonly done: boolean
  readonly action?: JSX.Element
  /** what came of it, shown even when it is done */
  readonly trail?: JSX.Element | undefined
}

/** StoryCard is a story told by the server; the one there is so far is the checklist of the first hour. */
export function StoryCard(props: { readonly story: string }): JSX.Element | null {
  return props.story === 'checklist' ? <Checklist /> : null
}

/** The steps of the first hour. They tick themselves by what is true, and what was done once stays done. */
function Checklist(): JSX.Element {
  const hands = useHands()
  const { client, desk } = hands
  const admin = client.derived.isAdmin.value
  useEffect(() => {
    if (admin) attempt(client.actions, client.lists.integrations())
  }, [admin])
  const steps = useSteps(hands).map((step) => ({ ...step, done: step.done || desk.ticked.value.has(step.key) }))
  const done = steps.filter((step) => step.done)
  const keys = done.map((step) => step.key).join(' ')
  useEffect(() => {
    for (const step of done) desk.tick(step.key)
  }, [keys])
  const next = steps.find((step) => !step.done)
  return (
    <section class={`card story ${next === undefined ? 'ok' : 'info'}`} aria-label="The first hour">
      <div class="top">
        <span class="title">The first hour</span>
        <span class="badge">
          {done.length} of {steps.length}
        </span>
      </div>
      <ol class="steps">
        {steps.map((step) => (
          <li key={step.key} class={step.done ? 'done' : step === next ? 'next' : ''}>
            <span class="tick">{step.done ? <Icon name="check" label="Done" /> : <Icon name="ring" label="To do" />}</span>
            <div>
              <strong>{step.title}</strong>
              {!step.done && <p class="hint">{step.text}</p>}
              {step.trail}
            </div>
            {!step.done && step.action}
          </li>
        ))}
      </ol>
    </section>
  )
}

function useSteps({ client, bell, desk }: Hands): readonly Step[] {
  const { store, derived, actions } = client
  const me = store.me.value?.id
  const incidents = [...store.incidents.value.values()]
  const rung = incidents.some((incident) => me !== undefined && incident.paged?.includes(me) === true && incident.state !== 'triggered')
  const mine = incidents.filter((incident) => incident.test === true && me !== undefined && incident.paged?.includes(me) === true).toSorted((a, b) => b.id - a.id)[0]
  const onCall = me !== undefined && store.readiness.value.has(me)
  const people = [...store.people.value.values()].filter((person) => person.bot !== true && person.role !== 'guest')
  const connected = [...(store.integrations.value?.values() ?? [])].some((one) => one.kind !== 'manual' && one.kind !== 'checks')
  const steps: readonly Step[] = [
    {
      key: 'arm',
      title: 'Arm this browser',
      text: 'A short tone, and “Did you hear it?”. From then on a critical alert sounds here.',
      done: bell.badge.value.kind === 'proven',
      action: <Do words="Arm" run={() => desk.open({ kind: 'arm' })} />,
    },
    {
      key: 'oncall',
      title: onCall ? 'You are on call' : 'Be on call',
      text: 'Who starts a server is always on call in its first schedule, until you change it.',
      done: onCall,
      action: <Go words="On-call" to={format({ page: 'oncall' })} />,
    },
    {
      key: 'page',
      title: 'Page yourself',
      text: 'The real path, through an integration: siren, A to acknowledge, silence, and the trail in words.',
      done: rung,
      trail: mine === undefined ? undefined : <PageTrail key={mine.id} incident={mine.id} />,
      action: <Do words="Page me" run={() => attempt(actions, actions.pageMe())} />,
    },
    {
      key: 'connect',
      title: 'Connect a sender',
      text: 'Alertmanager, PagerDuty events, Slack webhooks or plain JSON, beside the pager that is still in charge.',
      done: connected,
      action: <Go words="Connect" to={format({ page: 'admin', tab: 'integrations' })} />,
    },
    {
      key: 'invite',
      title: 'Invite a colleague',
      text: 'One link, used once. Rehearse the escalation together.',
      done: people.length > 1,
      action: <Go words="Invite" to={format({ page: 'admin', tab: 'people' })} />,
    },
    {
      key: 'search',
      title: 'Find it again',
      text: 'Search what was said while it rang.',
      done: false,
      action: <Go words="Search" to={format({ page: 'search', q: '' })} />,
    },
  ]
  return derived.isAdmin.value ? steps : steps.filter((step) => step.key !== 'connect' && step.key !== 'invite')
}

function Do(props: { readonly words: string; readonly run: () => void }): JSX.Element {
  return (
    <button class="btn" type="button" onClick={props.run}>
      {props.words}
    </button>
  )
}

function Go(props: { readonly words: string; readonly to: string }): JSX.Element {
  return (
    <a class="btn" href={props.to}>
      {props.words}
    </a>
  )
}
