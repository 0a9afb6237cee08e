import type { JSX } from 'preact'
import { format } from '../../state/route.ts'
import type { Integration } from '../../wire/types.gen.ts'
import { useClient, useDesk } from '../context.ts'
import { Section } from '../pages/Page.tsx'
import { DoButton } from '../parts/DoButton.tsx'
import { Icon } from '../parts/Icon.tsx'
import { SeverityWord } from '../parts/Severity.tsx'
import { useList } from '../parts/useList.ts'
import { ConnectGuide } from './ConnectGuide.tsx'
import { Requests } from './Requests.tsx'
import { RoutingForm } from './RoutingForm.tsx'
import { type Given, kindWords } from './snippets.ts'
import { pausedWords } from './words.ts'

/** IntegrationDetail is one way in: what to paste while the key is known, what came through it, and where it goes. */
export function IntegrationDetail(props: { readonly integration: Integration; readonly given: Given | undefined; readonly onGiven: (given: Given) => void }): JSX.Element {
  const { lists, store, derived } = useClient()
  const { integration, given } = props
  useList(() => lists.policies(), [lists])
  const paused = pausedWords(integration, store.now.value)
  const own = integration.kind === 'manual' || integration.kind === 'checks'
  return (
    <div class="sections">
      <header class="heading">
        <a class="btn quiet" href={format({ page: 'admin', tab: 'integrations' })} aria-label="All integrations">
          <Icon name="back" />
        </a>
        <h2>{integration.name}</h2>
        <span class="badge">{kindWords(integration.kind)}</span>
        {paused !== undefined && <SeverityWord tone="high" word={paused} />}
        {integration.shadow !== undefined && <span class="badge">shadow: pages only {derived.personName(integration.shadow)}</span>}
      </header>
      {given !== undefined && <ConnectGuide given={given} name={integration.id} />}
      <Requests integration={integration} />
      <RoutingForm integration={integration} />
      {!own && <Key integration={integration} onGiven={props.onGiven} />}
      <Pause integration={integration} paused={paused !== undefined} />
      {!own && integration.declared !== true && <Remove integration={integration} />}
    </div>
  )
}

function Key(props: { readonly integration: Integration; readonly onGiven: (given: Given) => void }): JSX.Element {
  const { api } = useClient()
  const desk = useDesk()
  const { integration } = props
  return (
    <Section title="Key" hint={`It ends in …${integration.hint}. The whole of it is nowhere to be seen again.`}>
      <div class="actions">
        <button
          class="btn"
          type="button"
          onClick={() =>
            desk.ask({
              title: `Rotate the key of ${integration.name}?`,
              text: 'A new key is made and shown once. The present one works for 24 hours more, so that the sender can be changed in peace.',
              button: 'Rotate',
              run: async () => {
                const made = await api.integrations.rotate(integration.id)
                props.onGiven({ kind: integration.kind, url: made.url, key: made.key })
              },
            })
          }
        >
          Rotate the key
        </button>
      </div>
    </Section>
  )
}

function Pause(props: { readonly integration: Integration; readonly paused: boolean }): JSX.Element {
  const { api } = useClient()
  const { integration } = props
  return (
    <Section title="Pause" hint="Requests are kept and shown, and nobody is paged. What still fires when the pause ends rings then.">
      <div class="actions">
        {props.paused ? (
          <DoButton class="primary" run={() => api.integrations.pause(integration.id, { resume: true })}>
            Resume
          </DoButton>
        ) : (
          <>
            <DoButton run={() => api.integrations.pause(integration.id, { minutes: 30 })}>30 min</DoButton>
            <DoButton run={() => api.integrations.pause(integration.id, { minutes: 120 })}>2 h</DoButton>
            <DoButton run={() => api.integrations.pause(integration.id, {})}>Until resumed</DoButton>
          </>
        )}
      </div>
    </Section>
  )
}

function Remove(props: { readonly integration: Integration }): JSX.Element {
  const { api, actions } = useClient()
  const desk = useDesk()
  const { integration } = props
  return (
    <Section title="Remove" hint="Its incidents stay; the key stops working and the kept requests are lost.">
      <div class="actions">
        <button
          class="btn danger"
          type="button"
          onClick={() =>
            desk.ask({
              title: `Remove ${integration.name}?`,
              text: 'What this sender sends from now on is refused. The requests that were kept are lost; the incidents stay.',
              button: 'Remove',
              danger: true,
              run: async () => {
                await api.integrations.remove(integration.id)
                actions.go({ page: 'admin', tab: 'integrations' })
              },
            })
          }
        >
          Remove
        </button>
      </div>
    </Section>
  )
}
