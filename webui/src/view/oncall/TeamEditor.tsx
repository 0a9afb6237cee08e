import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Policy, PolicyId, RoomId, Schedule, ScheduleId, Team } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { Choose } from '../parts/Choose.tsx'
import { Field } from '../parts/Field.tsx'
import { Modal } from '../parts/Modal.tsx'
import { useSubmit } from '../parts/useSubmit.ts'
import { Wrong } from '../pages/Gate.tsx'
import { Declared, EditorActions } from './EditorActions.tsx'
import { everydayRooms } from './rooms.ts'

/** TeamEditor makes or changes a team: its default room, schedule and policy. */
export function TeamEditor(props: {
  readonly team: Team | undefined
  readonly schedules: readonly Schedule[]
  readonly policies: readonly Policy[]
  readonly onClose: () => void
  readonly onDone: () => void
}): JSX.Element {
  const { api, store } = useClient()
  const { team, schedules, policies } = props
  const rooms = everydayRooms(store.rooms.value)
  const [name, setName] = useState(team?.name ?? '')
  const [room, setRoom] = useState<RoomId | undefined>(team?.room ?? rooms[0]?.value)
  const [schedule, setSchedule] = useState<ScheduleId | undefined>(team?.schedule ?? schedules[0]?.id)
  const [policy, setPolicy] = useState<PolicyId | undefined>(team?.policy ?? policies[0]?.id)
  const form = useSubmit(['name', 'room', 'schedule', 'policy'])
  const declared = team?.declared === true
  const lack = name.trim() === '' ? 'Give the team a name.' : room === undefined || schedule === undefined || policy === undefined ? 'Choose a room, a schedule and a policy.' : undefined
  const submit = form.run(async () => {
    if (room === undefined || schedule === undefined || policy === undefined) return
    const next = { name: name.trim(), room, schedule, policy }
    if (team === undefined) {
      await api.oncall.teams.create(next)
    } else {
      await api.oncall.teams.replace(team.id, { ...team, ...next })
    }
    props.onDone()
  })
  return (
    <Modal title={team === undefined ? 'New team' : `Team ${team.name}`} onClose={props.onClose}>
      <form class="form" onSubmit={submit}>
        {declared && <Declared />}
        <fieldset class="form" disabled={declared}>
          <Field label="Name" wrong={form.wrong('name')}>
            {(id, note) => <input id={id} class="input" aria-describedby={note} required maxLength={80} value={name} onInput={(e) => setName(e.currentTarget.value)} />}
          </Field>
          <Choose label="Room" hint="Where its alerts appear unless a rule says otherwise." value={room} choices={rooms} onChange={setRoom} wrong={form.wrong('room')} />
          <Choose label="Schedule" hint="Who is on call for it." value={schedule} choices={schedules.map((one) => ({ value: one.id, words: one.name }))} onChange={setSchedule} wrong={form.wrong('schedule')} />
          <Choose label="Policy" hint="Whom its critical alerts ring, in which order." value={policy} choices={policies.map((one) => ({ value: one.id, words: one.name }))} onChange={setPolicy} wrong={form.wrong('policy')} />
        </fieldset>
        <Wrong words={form.wrong()} />
        <EditorActions
          busy={form.busy}
          lack={declared ? undefined : lack}
          declared={declared}
          onClose={props.onClose}
          remove={team === undefined ? undefined : { what: `the team ${team.name}`, lost: 'Its people, room, schedule and policy stay.', run: () => api.oncall.teams.remove(team.id), done: props.onDone }}
        />
      </form>
    </Modal>
  )
}
