import type { ComponentChildren, JSX } from 'preact'
import type { Incident, IncidentId } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { DoButton } from '../parts/DoButton.tsx'
import { Failed } from '../parts/Failed.tsx'
import { Skeleton } from '../parts/Skeleton.tsx'
import { useList } from '../parts/useList.ts'
import { Alerts } from './Alerts.tsx'
import { IncidentActions } from './IncidentActions.tsx'
import { IncidentFacts } from './IncidentFacts.tsx'
import { NoteForm } from './NoteForm.tsx'
import { Paging } from './Paging.tsx'
import { Timeline } from './Timeline.tsx'
import { firingWords } from './words.ts'

/** IncidentPanel is all that is known of one incident and all that can be done about it. It stands beside its room and alone. */
export function IncidentPanel(props: { readonly n: IncidentId }): JSX.Element {
  const { store, lists } = useClient()
  const { n } = props
  const { wrong, retry } = useList(() => lists.incident(n), [lists, n])
  const incident = store.incident(n).value
  const parts = store.detail(n).value
  if (wrong !== undefined && parts === undefined) {
    return <Failed what={wrong} onRetry={retry} />
  }
  if (incident === undefined) {
    return <Skeleton rows={4} label={`Loading incident ${n}`} />
  }
  return (
    <div class="incident">
      <Call incident={incident} />
      <IncidentActions incident={incident} />
      <div class="half">
        <IncidentFacts incident={incident} />
        {parts !== undefined && (
          <Part title="Who was reached">
            <Paging incident={incident} pages={parts.pages} />
          </Part>
        )}
      </div>
      {parts === undefined ? (
        <Skeleton rows={4} label="Loading the details" />
      ) : (
        <div class="half">
          <Part title="Alerts" aside={firingWords(incident)}>
            <Alerts rows={parts.rows} />
          </Part>
          <Part title="Timeline">
            <Timeline entries={parts.timeline} />
            <NoteForm n={n} />
          </Part>
        </div>
      )}
    </div>
  )
}

function Part(props: { readonly title: string; readonly aside?: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <section aria-label={props.title}>
      <h2>
        {props.title} {props.aside !== undefined && <span class="hint">{props.aside}</span>}
      </h2>
      {props.children}
    </section>
  )
}

/** What somebody has to know before anything else: nobody heard it, or it is well again. */
function Call(props: { readonly incident: Incident }): JSX.Element | null {
  const { actions } = useClient()
  const { incident } = props
  if (incident.state !== 'resolved' && incident.notDelivered === true) {
    return (
      <p class="notice crit" role="alert">
        <span>
          <strong>NOT DELIVERED.</strong> A whole round ended and no device played it. It goes on ringing; call somebody.
        </span>
      </p>
    )
  }
  if (incident.state === 'acknowledged' && incident.senderDone === true) {
    return (
      <div class="notice ok">
        <span class="grow">The sender says it is well again. Close it?</span>
        <DoButton class="primary" run={() => actions.resolve(incident.id)}>
          Close it
        </DoButton>
      </div>
    )
  }
  return null
}
