import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { format } from '../../state/route.ts'
import type { Integration, IntegrationId } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { Section } from '../pages/Page.tsx'
import { Failed } from '../parts/Failed.tsx'
import { Icon } from '../parts/Icon.tsx'
import { SeverityWord } from '../parts/Severity.tsx'
import { Skeleton } from '../parts/Skeleton.tsx'
import { Past } from '../parts/Past.tsx'
import { useList } from '../parts/useList.ts'
import { ConnectDialog } from './ConnectDialog.tsx'
import { type Given, kindWords, senders } from './snippets.ts'
import { pausedWords } from './words.ts'

/** Integrations are the ways in for senders, and how another one is connected. */
export function Integrations(props: { readonly onGiven: (id: IntegrationId, given: Given) => void; readonly missing: string | undefined }): JSX.Element {
  const { store, lists } = useClient()
  const [connecting, setConnecting] = useState<(typeof senders)[number]>()
  const { wrong, retry } = useList(() => lists.integrations(), [lists])
  const integrations = store.integrations.value
  return (
    <div class="sections">
      {props.missing !== undefined && integrations !== undefined && <p class="notice high">There is no such integration any more.</p>}
      <Section title="Connect a sender" hint="Beside the pager that you have: nothing has to be taken away for it.">
        <div class="senders">
          {senders.map((sender) => (
            <button key={sender.kind} class="sender" type="button" onClick={() => setConnecting(sender)}>
              <strong>
                <Icon name="plug" size={14} /> {sender.words}
              </strong>
              <span class="hint">{sender.hint}</span>
            </button>
          ))}
        </div>
      </Section>
      <Section title="Integrations">
        {integrations === undefined ? (
          wrong === undefined ? <Skeleton rows={3} /> : <Failed what={wrong} onRetry={retry} />
        ) : (
          <ul class="entries">
            {[...integrations.values()]
              .toSorted((a, b) => a.name.localeCompare(b.name))
              .map((integration) => (
                <Row key={integration.id} integration={integration} />
              ))}
          </ul>
        )}
      </Section>
      {connecting !== undefined && <ConnectDialog key={connecting.kind} sender={connecting} onClose={() => setConnecting(undefined)} onGiven={props.onGiven} />}
    </div>
  )
}

function Row(props: { readonly integration: Integration }): JSX.Element {
  const { store, derived } = useClient()
  const { integration } = props
  const room = store.rooms.value.get(integration.room)
  const paused = pausedWords(integration, store.now.value)
  return (
    <li>
      <div>
        <a href={format({ page: 'admin', tab: integration.id })}>
          <strong>{integration.name}</strong>
        </a>{' '}
        <span class="badge">{kindWords(integration.kind)}</span> {integration.declared === true && <span class="badge">from a file</span>}
        <p class="hint">
          {integration.lastSeen === undefined || integration.lastSeen === 0 ? 'nothing received yet' : <>last request <Past at={integration.lastSeen} /></>}
          {room !== undefined && `, to ${derived.roomTitle(room)}`}
          {integration.shadow !== undefined && `, in shadow for ${derived.personName(integration.shadow)}`}
        </p>
      </div>
      {paused !== undefined && <SeverityWord tone="high" word={paused} />}
    </li>
  )
}
