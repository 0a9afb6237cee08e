import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { clock } from '../../lib/time.ts'
import { plural } from '../../lib/text.ts'
import { format } from '../../state/route.ts'
import type { Incident, IncidentId, PersonId, RoomId } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { DoButton } from '../parts/DoButton.tsx'
import { SeverityWord } from '../parts/Severity.tsx'
import { Ago } from '../parts/Time.tsx'
import { useAcknowledge } from '../shell/acknowledge.ts'
import { incidentTone } from '../shell/RailRoom.tsx'

/** IncidentCard is an incident as it stands now, with what can be done about it. */
export function IncidentCard(props: { readonly incident: IncidentId; readonly here: RoomId }): JSX.Element {
  const { store, lists } = useClient()
  const incident = store.incident(props.incident).value
  const missing = incident === undefined
  useEffect(() => {
    if (missing) lists.incident(props.incident).catch(() => undefined)
  }, [missing, props.incident])
  if (incident === undefined) {
    return (
      <div class="card" aria-busy="true">
        <a class="title" href={format({ page: 'incident', incident: props.incident })}>
          Incident {props.incident}
        </a>
      </div>
    )
  }
  return (
    <section class={`card ${incident.state === 'resolved' ? 'ok' : incident.severity}`} aria-label={`Incident ${incident.id}`}>
      <Head incident={incident} />
      <a class="title" href={format({ page: 'incident', incident: incident.id })}>
        {incident.title}
      </a>
      <Facts incident={incident} />
      {incident.notDelivered === true && (
        <p class="notice crit">
          <span>
            <strong>NOT DELIVERED.</strong> No device has played this alarm yet.
          </span>
        </p>
      )}
      <Buttons incident={incident} here={props.here} />
    </section>
  )
}

/** Where an incident stands, in a word or two. */
export function stateWords(incident: Incident, name: (id: PersonId) => string): string {
  switch (incident.state) {
    case 'triggered':
      return (incident.ringing?.length ?? 0) > 0 ? `ringing ${incident.ringing?.map((id) => name(id)).join(', ')}` : 'firing'
    case 'acknowledged':
      return incident.owner === undefined ? 'acknowledged' : `acknowledged by ${name(incident.owner)}`
    case 'resolved':
      return 'resolved'
    default:
      return incident.state satisfies never
  }
}

function Head(props: { readonly incident: Incident }): JSX.Element {
  const { derived } = useClient()
  const { incident } = props
  const word = incident.state === 'resolved' ? 'resolved' : `${incident.severity} · ${stateWords(incident, (id) => derived.personName(id))}`
  return (
    <div class="top">
      <SeverityWord tone={incidentTone(incident)} word={word} caps />
      {incident.test === true && <span class="badge">test</span>}
      {incident.shadow !== undefined && <span class="badge">shadow</span>}
      {incident.reopened !== undefined && incident.reopened > 0 && <span class="badge">reopened</span>}
    </div>
  )
}

function firing(incident: Incident): string {
  const { firing, alerts } = incident
  if (incident.state === 'resolved') return plural(alerts, 'alert')
  return firing === alerts ? `${plural(alerts, 'alert')} firing` : `${firing} of ${plural(alerts, 'alert')} firing`
}

function Facts(props: { readonly incident: Incident }): JSX.Element {
  const { incident } = props
  const silenced = incident.silencedTill
  return (
    <div class="facts">
      <span>#{incident.id}</span>
      <span>
        opened <Ago at={incident.opened} />
      </span>
      <span>{firing(incident)}</span>
      {incident.repeats > 0 && <span>{plural(incident.repeats, 'repeat')}</span>}
      {silenced !== undefined && silenced !== 0 && incident.state !== 'resolved' && <span>silenced {silenced < 0 ? 'until resolved' : `until ${clock(silenced)}`}</span>}
      {incident.senderDone === true && incident.state !== 'resolved' && <span>the sender says it is over</span>}
    </div>
  )
}

function Buttons(props: { readonly incident: Incident; readonly here: RoomId }): JSX.Element {
  const { actions } = useClient()
  const acknowledge = useAcknowledge()
  const { incident, here } = props
  return (
    <div class="actions">
      {incident.state === 'triggered' && (
        <DoButton class="primary" run={() => acknowledge(incident)}>
          Acknowledge
        </DoButton>
      )}
      {incident.state !== 'resolved' && (
        <DoButton run={() => actions.resolve(incident.id)}>Resolve</DoButton>
      )}
      {incident.room !== here && (
        <a class="btn" href={format({ page: 'room', room: incident.room })}>
          Open its room
        </a>
      )}
      <a class="btn quiet" href={format({ page: 'incident', incident: incident.id })}>
        Details
      </a>
      {incident.state === 'resolved' && incident.room === here && incident.from !== here && <BackTo room={incident.from} />}
    </div>
  )
}

/** Offers the way back to the everyday room once it is over; nothing moves by itself. */
function BackTo(props: { readonly room: RoomId }): JSX.Element | null {
  const { store, derived } = useClient()
  const view = store.room(props.room).value
  return view === undefined ? null : (
    <a class="btn" href={format({ page: 'room', room: props.room })}>
      Back to {derived.roomTitle(view)}
    </a>
  )
}
