import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { format } from '../../state/route.ts'
import type { Decision, Integration, Request, RequestId, Severity } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { Section } from '../pages/Page.tsx'
import { DoButton } from '../parts/DoButton.tsx'
import { Failed } from '../parts/Failed.tsx'
import { Icon } from '../parts/Icon.tsx'
import { Modal } from '../parts/Modal.tsx'
import { SeverityWord } from '../parts/Severity.tsx'
import { Skeleton } from '../parts/Skeleton.tsx'
import { Snippet } from '../parts/Snippet.tsx'
import { Past } from '../parts/Past.tsx'
import { useList } from '../parts/useList.ts'
import { useLoad } from '../parts/useLoad.ts'
import { pretty, sizeWords } from './words.ts'

const shown = 30 // requests, of those that are kept

const tests: readonly Severity[] = ['critical', 'low', 'info']

/** Requests are the last ones of a sender, live, each with the decision that it led to, from the severity to who rings. */
export function Requests(props: { readonly integration: Integration }): JSX.Element {
  const { store, lists, api } = useClient()
  const { integration } = props
  const { wrong, retry } = useList(() => lists.requests(integration.id), [lists, integration.id])
  const [reading, setReading] = useState<RequestId>()
  const requests = store.requests(integration.id).value
  const sendable = integration.kind !== 'manual' && integration.kind !== 'checks'
  return (
    <Section
      title="Last requests"
      actions={
        sendable && (
          <>
            <span class="hint">Send a test:</span>
            {tests.map((severity) => (
              <DoButton key={severity} run={() => api.integrations.test(integration.id, severity).then(() => lists.requests(integration.id))}>
                {severity}
              </DoButton>
            ))}
          </>
        )
      }
    >
      {requests === undefined ? (
        wrong === undefined ? <Skeleton rows={3} /> : <Failed what={wrong} onRetry={retry} />
      ) : requests.length === 0 ? (
        <p class="awaiting" role="status">
          <Icon name="circle" size={10} class="pulse" /> Waiting for the first request…
        </p>
      ) : (
        <ol class="requests" aria-live="polite">
          {requests.slice(0, shown).map((request) => (
            <RequestRow key={request.id} request={request} onRead={() => setReading(request.id)} />
          ))}
        </ol>
      )}
      {reading !== undefined && <Body request={reading} onClose={() => setReading(undefined)} />}
    </Section>
  )
}

function RequestRow(props: { readonly request: Request; readonly onRead: () => void }): JSX.Element {
  const { api, actions, lists } = useClient()
  const { request } = props
  return (
    <li>
      <div class="meta">
        <Past at={request.time} />
        <span>{request.remote}</span>
        <span class="num">{sizeWords(request.size)}</span>
        {request.test === true && <span class="badge">test</span>}
        {request.replay === true && <span class="badge">replay</span>}
        <span class="spread" />
        <span>
          <button class="btn quiet" type="button" onClick={props.onRead}>
            Body
          </button>
          <DoButton
            class="quiet"
            run={async () => {
              await api.integrations.replay(request.id)
              await lists.requests(request.integration) // one that changed nothing is not announced
              actions.toast('Sent through again.')
            }}
          >
            Replay
          </DoButton>
        </span>
      </div>
      {request.error !== undefined && request.error !== '' && (
        <p class="tone-high">
          <SeverityWord tone="high" word="not understood" />: {request.error} It was kept and shown all the same.
        </p>
      )}
      <ul class="decisions">
        {request.decisions.map((decision, i) => (
          <DecisionLine key={i} decision={decision} />
        ))}
        {request.decisions.length === 0 && (request.error === undefined || request.error === '') && <li class="hint">It changed nothing.</li>}
      </ul>
    </li>
  )
}

/** DecisionLine reads from left to right: accepted, how bad and why, by which rule, where to, who rings, what came of it. */
function DecisionLine(props: { readonly decision: Decision }): JSX.Element {
  const { store, derived } = useClient()
  const { decision } = props
  const view = store.rooms.value.get(decision.room)
  const policy = decision.policy === undefined ? undefined : store.policies.value?.get(decision.policy)?.name
  const rings = decision.rings ?? []
  return (
    <li>
      <strong>{decision.title}</strong>
      <p class="road">
        <span>accepted: {decision.status}</span>
        <Arrow />
        <span>
          <SeverityWord tone={decision.status === 'resolved' ? 'ok' : decision.severity} word={decision.severity} /> <span class="hint">{decision.why}</span>
        </span>
        <Arrow />
        <span>{decision.route}</span>
        <Arrow />
        <span>
          {view === undefined ? 'a room you are not in' : <a href={format({ page: 'room', room: decision.room })}>{derived.roomTitle(view)}</a>}
          {policy !== undefined && `, policy ${policy}`}
        </span>
        <Arrow />
        <span>
          {decision.incident === undefined ? decision.outcome : <a href={format({ page: 'incident', incident: decision.incident })}>{decision.outcome}</a>}
          {rings.length > 0 && !decision.outcome.includes('ringing') && `, ringing ${rings.map((id) => derived.personName(id)).join(', ')}`}
        </span>
      </p>
    </li>
  )
}

function Arrow(): JSX.Element {
  return (
    <span class="arrow" aria-hidden="true">
      →
    </span>
  )
}

function Body(props: { readonly request: RequestId; readonly onClose: () => void }): JSX.Element {
  const { api } = useClient()
  const body = useLoad(() => api.integrations.rawBody(props.request), [props.request])
  return (
    <Modal title="What the sender sent" onClose={props.onClose}>
      {body.value === undefined ? body.wrong === undefined ? <Skeleton rows={3} /> : <Failed what={body.wrong} onRetry={() => void body.reload()} /> : <Snippet label="Body" text={pretty(body.value)} />}
      <div class="actions">
        <button class="btn" type="button" onClick={props.onClose}>
          Close
        </button>
      </div>
    </Modal>
  )
}
