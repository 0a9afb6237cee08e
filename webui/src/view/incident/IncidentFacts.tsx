import type { ComponentChildren, JSX } from 'preact'
import { exact, until } from '../../lib/time.ts'
import { format } from '../../state/route.ts'
import type { Incident } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { SeverityWord } from '../parts/Severity.tsx'
import { Past } from '../parts/Past.tsx'
import { silenceWords, stateTone, stateWords } from './words.ts'

/** IncidentFacts says how an incident stands, whose it is, how it came here and what happens next. */
export function IncidentFacts(props: { readonly incident: Incident }): JSX.Element {
  const { derived } = useClient()
  const { incident } = props
  return (
    <dl class="facts2">
      <Fact name="State">
        <SeverityWord tone={stateTone(incident)} word={stateWords(incident)} />
      </Fact>
      <Fact name="Severity">
        <SeverityWord tone={incident.severity} /> {incident.test === true && <span class="badge">test</span>}
      </Fact>
      <Fact name="Owner">{incident.owner === undefined ? (incident.state === 'resolved' ? 'nobody' : 'nobody yet') : derived.personName(incident.owner)}</Fact>
      <Fact name="Opened">
        <Past at={incident.opened} />
        {(incident.reopened ?? 0) > 0 && `, reopened ${incident.reopened === 1 ? 'once' : `${incident.reopened} times`}`}
      </Fact>
      <Progress incident={incident} />
      <Where incident={incident} />
      <Fact name="Came by">{incident.route}</Fact>
      {incident.shadow !== undefined && <Fact name="Shadow">pages only {derived.personName(incident.shadow)}; the pager in charge is another one</Fact>}
      {incident.repeats > 0 && <Fact name="Repeats">{incident.repeats}, which changed nothing</Fact>}
      <Silenced incident={incident} />
    </dl>
  )
}

function Fact(props: { readonly name: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </>
  )
}

/** Progress counts down to what happens next, or says how long it took. */
function Progress(props: { readonly incident: Incident }): JSX.Element | null {
  const { store, derived } = useClient()
  const { incident } = props
  const now = store.now.value
  switch (incident.state) {
    case 'resolved':
      return incident.resolved === undefined ? null : (
        <Fact name="Resolved">
          <Past at={incident.resolved} />
        </Fact>
      )
    case 'acknowledged':
      return (
        <>
          {incident.acked !== undefined && (
            <Fact name="Acknowledged">
              <Past at={incident.acked} />
            </Fact>
          )}
          {incident.lapses !== undefined && (
            <Fact name="Lapses">
              <span title={exact(incident.lapses)}>{until(incident.lapses, now)}</span> without a word from {incident.owner === undefined ? 'its owner' : derived.personName(incident.owner)}
            </Fact>
          )}
        </>
      )
    case 'triggered':
      return incident.nextDue === undefined ? null : (
          <Fact name="Next step">
            <span class="num" title={exact(incident.nextDue)}>
              {until(incident.nextDue, now)}
            </span>
          </Fact>
        )
  }
}

function Where(props: { readonly incident: Incident }): JSX.Element | null {
  const { store, derived } = useClient()
  const view = store.room(props.incident.room).value
  return view === undefined ? null : (
    <Fact name="Room">
      <a href={format({ page: 'room', room: props.incident.room })}>{derived.roomTitle(view)}</a>
    </Fact>
  )
}

function Silenced(props: { readonly incident: Incident }): JSX.Element | null {
  const { store } = useClient()
  const words = silenceWords(props.incident, store.now.value)
  return words === undefined || props.incident.state === 'resolved' ? null : <Fact name="Silence">{words}</Fact>
}
