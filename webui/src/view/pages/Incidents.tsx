import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { plural } from '../../lib/text.ts'
import { format } from '../../state/route.ts'
import type { Incident } from '../../wire/types.gen.ts'
import { words } from '../../wire/http.ts'
import { useClient, useDesk } from '../context.ts'
import { IncidentRow } from '../incident/IncidentRow.tsx'
import { DoButton } from '../parts/DoButton.tsx'
import { Failed } from '../parts/Failed.tsx'
import { Icon } from '../parts/Icon.tsx'
import { Skeleton } from '../parts/Skeleton.tsx'
import { Page, PageTabs } from './Page.tsx'

/** Incidents are what burns now, the critical first, or what is over, the newest first. */
export function Incidents(props: { readonly state?: string | undefined }): JSX.Element {
  const { derived } = useClient()
  const desk = useDesk()
  const resolved = props.state === 'resolved'
  const open = derived.openIncidents.value
  return (
    <Page
      title="Incidents"
      actions={
        <>
          <a class="btn quiet" href={format({ page: 'admin', tab: 'silences' })}>
            Silences
          </a>
          {open.some((incident) => incident.test === true) && <CleanUp />}
          <button class="btn" type="button" onClick={() => desk.open({ kind: 'raise' })}>
            <Icon name="bell" />
            Raise
          </button>
        </>
      }
    >
      <div>
        <PageTabs
          label="Incidents"
          current={resolved ? 'resolved' : 'open'}
          tabs={[
            { name: 'open', words: 'Open', to: { page: 'incidents' }, count: open.length },
            { name: 'resolved', words: 'Resolved', to: { page: 'incidents', state: 'resolved' } },
          ]}
        />
        {resolved ? <Resolved /> : <Open incidents={open} />}
      </div>
    </Page>
  )
}

function CleanUp(): JSX.Element {
  const { api, actions } = useClient()
  return (
    <DoButton
      run={async () => {
        const { cleaned } = await api.incidents.cleanup()
        actions.toast(cleaned === 0 ? 'No rehearsal was left.' : `${plural(cleaned, 'rehearsal')} resolved and archived.`)
      }}
    >
      Clean up rehearsal
    </DoButton>
  )
}

function Open(props: { readonly incidents: readonly Incident[] }): JSX.Element {
  const { actions } = useClient()
  if (props.incidents.length === 0) {
    return (
      <div class="empty">
        <p class="sev ok">
          <Icon name="check" /> Nothing is open.
        </p>
        <p>When a sender fires, or somebody raises one by hand, it stands here and in its room.</p>
        <div class="actions">
          <DoButton run={() => actions.pageMe()}>Send yourself a test page</DoButton>
        </div>
      </div>
    )
  }
  return (
    <ul class="incidents">
      {props.incidents.map((incident) => (
        <IncidentRow key={incident.id} incident={incident} />
      ))}
    </ul>
  )
}

const batch = 40

/** Resolved loads older ones as the end comes near. What was resolved since is put before them. */
function Resolved(): JSX.Element {
  const { api, store } = useClient()
  const [loaded, setLoaded] = useState<readonly Incident[]>([])
  const [state, setState] = useState<'loading' | 'more' | 'end' | { readonly error: string }>('loading')
  const end = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (state !== 'loading') return
    const before = loaded.at(-1)?.id
    api.incidents.list({ state: 'resolved', limit: batch, ...(before === undefined ? {} : { before }) }).then(
      (more) => {
        setLoaded((was) => [...was, ...more])
        setState(more.length < batch ? 'end' : 'more')
      },
      (error: unknown) => setState({ error: words(error) }),
    )
  }, [api, state])
  useEffect(() => {
    const mark = end.current
    if (state !== 'more' || mark === null) return
    const watch = new IntersectionObserver((seen) => {
      if (seen.some((one) => one.isIntersecting)) setState('loading')
    }, { rootMargin: '600px' })
    watch.observe(mark)
    return () => watch.disconnect()
  }, [state])
  const incidents = merge(loaded, [...store.incidents.value.values()], state === 'end')
  return (
    <>
      <ul class="incidents">
        {incidents.map((incident) => (
          <IncidentRow key={incident.id} incident={incident} />
        ))}
      </ul>
      {state === 'end' && incidents.length === 0 && <p class="empty">Nothing has been resolved yet.</p>}
      {state === 'loading' && <Skeleton rows={incidents.length === 0 ? 6 : 2} />}
      {typeof state === 'object' && <Failed what={state.error} onRetry={() => setState('loading')} />}
      <div ref={end} />
    </>
  )
}

/** The loaded ones as they are by now, with those of the live list that belong among them, newest first. */
function merge(loaded: readonly Incident[], live: readonly Incident[], whole: boolean): readonly Incident[] {
  const last = loaded.at(-1)?.id ?? 0
  const all = new Map(loaded.map((incident) => [incident.id, incident]))
  for (const incident of live) {
    if (all.has(incident.id) || (incident.state === 'resolved' && (whole || incident.id >= last))) all.set(incident.id, incident)
  }
  return [...all.values()].filter((incident) => incident.state === 'resolved').toSorted((a, b) => b.id - a.id)
}
