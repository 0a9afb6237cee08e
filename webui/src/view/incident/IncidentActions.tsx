import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { format } from '../../state/route.ts'
import type { Incident } from '../../wire/types.gen.ts'
import { useClient, useDesk } from '../context.ts'
import { DoButton } from '../parts/DoButton.tsx'
import { Icon } from '../parts/Icon.tsx'
import { useList } from '../parts/useList.ts'
import { useAcknowledge } from '../shell/acknowledge.ts'

const undoable = 5000 // milliseconds in which an acknowledgement can be taken back

/** IncidentActions are the buttons of an incident: only what can be done as it stands now. */
export function IncidentActions(props: { readonly incident: Incident }): JSX.Element {
  const { actions } = useClient()
  const desk = useDesk()
  const [silencing, setSilencing] = useState(false)
  const { incident } = props
  if (incident.state === 'resolved') {
    return <Back incident={incident} />
  }
  return (
    <>
      <div class="actions">
        <Own incident={incident} />
        <DoButton run={() => actions.resolve(incident.id)}>Resolve</DoButton>
        <button class="btn" type="button" onClick={() => desk.askEscalate(incident.id, incident.title, () => actions.escalate(incident.id))}>
          Escalate <kbd>E</kbd>
        </button>
        <button class="btn" type="button" aria-expanded={silencing} onClick={() => setSilencing(!silencing)}>
          Silence
        </button>
      </div>
      {silencing && <SilenceMenu incident={incident} onDone={() => setSilencing(false)} />}
    </>
  )
}

/** Own acknowledges, takes over, or takes the acknowledgement back. */
function Own(props: { readonly incident: Incident }): JSX.Element | null {
  const { store, derived, actions } = useClient()
  const acknowledge = useAcknowledge()
  const { incident } = props
  const mine = incident.owner !== undefined && incident.owner === store.me.value?.id
  if (incident.state === 'acknowledged' && mine) {
    const left = undoable - (store.now.value - (incident.acked ?? 0))
    return left > 0 ? <DoButton run={() => actions.unack(incident.id)}>Undo</DoButton> : null
  }
  if (derived.mayAck(incident.id)) {
    return (
      <DoButton class="primary" run={() => acknowledge(incident)}>
        Acknowledge {derived.banner.value?.incident.id === incident.id && <kbd>A</kbd>}
      </DoButton>
    )
  }
  return (
    <DoButton class={incident.state === 'triggered' ? 'primary' : ''} run={() => acknowledge(incident)}>
      Take it
    </DoButton>
  )
}

const lengths = [
  { words: '30 min', length: 30 },
  { words: '2 h', length: 120 },
  { words: 'Until resolved', length: 'resolved' },
] as const

function SilenceMenu(props: { readonly incident: Incident; readonly onDone: () => void }): JSX.Element {
  const { actions } = useClient()
  return (
    <div class="actions" role="group" aria-label="Silence for">
      <span class="hint">Rings nobody for</span>
      {lengths.map(({ words, length }) => (
        <DoButton key={words} run={async () => {
          await actions.silence(props.incident.id, length)
          props.onDone()
        }}>
          {words}
        </DoButton>
      ))}
    </div>
  )
}

/** Back offers the way to the everyday room; nothing moves by itself. */
function Back(props: { readonly incident: Incident }): JSX.Element | null {
  const { store, derived, lists } = useClient()
  const { incident } = props
  useList(() => lists.room(incident.from), [lists, incident.from])
  const view = store.room(incident.from).value
  if (view === undefined) {
    return null
  }
  return (
    <div class="actions">
      <a class="btn" href={format({ page: 'room', room: incident.from })}>
        <Icon name="back" />
        Back to {derived.roomTitle(view)}
      </a>
    </div>
  )
}
