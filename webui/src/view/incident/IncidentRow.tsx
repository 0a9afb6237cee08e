import type { JSX } from 'preact'
import { format } from '../../state/route.ts'
import type { Incident } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { DoButton } from '../parts/DoButton.tsx'
import { SeverityWord } from '../parts/Severity.tsx'
import { Ago } from '../parts/Time.tsx'
import { useAcknowledge } from '../shell/acknowledge.ts'
import { firingWords, silenceWords, stateTone, stateWords } from './words.ts'

/** IncidentRow is one incident of a list: how bad, what, where, whose, and the one thing to do about it. */
export function IncidentRow(props: { readonly incident: Incident }): JSX.Element {
  const { store, derived } = useClient()
  const { incident } = props
  const resolved = incident.state === 'resolved'
  const silenced = resolved ? undefined : silenceWords(incident, store.now.value)
  return (
    <li class={`incident-row ${incident.state} ${incident.severity}`}>
      <div class="what">
        <div class="title">
          <SeverityWord tone={resolved ? 'ok' : incident.severity} word={resolved ? 'resolved' : incident.severity} caps />
          <a href={format({ page: 'incident', incident: incident.id })}>
            <span class="num">#{incident.id}</span> {incident.title}
          </a>
        </div>
        <div class="facts">
          {!resolved && <strong class={`tone-${tone(incident)}`}>{stateWords(incident)}</strong>}
          <Room incident={incident} />
          <Ago at={resolved ? (incident.resolved ?? incident.opened) : incident.opened} />
          <span>{incident.owner !== undefined ? derived.personName(incident.owner) : resolved ? 'nobody took it' : 'nobody’s yet'}</span>
          {resolved && <span>{incident.severity}</span>}
          {!resolved && <span>{firingWords(incident)}</span>}
          {silenced !== undefined && <span>{silenced}</span>}
          {incident.test === true && <span class="badge">test</span>}
          {incident.senderDone === true && !resolved && <span class="tone-ok">the sender says it is well again</span>}
        </div>
      </div>
      {!resolved && <Buttons incident={incident} />}
    </li>
  )
}

function tone(incident: Incident): string {
  const of = stateTone(incident)
  return of === 'critical' ? 'crit' : of
}

function Room(props: { readonly incident: Incident }): JSX.Element | null {
  const { store, derived } = useClient()
  const view = store.room(props.incident.room).value
  return view === undefined ? null : <a href={format({ page: 'room', room: view.room.id })}>{derived.roomTitle(view)}</a>
}

function Buttons(props: { readonly incident: Incident }): JSX.Element {
  const { store, derived, actions } = useClient()
  const acknowledge = useAcknowledge()
  const { incident } = props
  const mine = incident.state === 'acknowledged' && incident.owner === store.me.value?.id
  return (
    <div class="actions">
      {!mine && (
        <DoButton class={incident.state === 'triggered' ? 'primary' : ''} run={() => acknowledge(incident)}>
          {incident.state === 'triggered' && derived.mayAck(incident.id) ? 'Acknowledge' : 'Take it'}
        </DoButton>
      )}
      <DoButton run={() => actions.resolve(incident.id)}>Resolve</DoButton>
    </div>
  )
}
