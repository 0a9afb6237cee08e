import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Duty, PersonId, ScheduleId } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { Choose } from '../parts/Choose.tsx'
import { Field } from '../parts/Field.tsx'
import { Modal } from '../parts/Modal.tsx'
import { useSubmit } from '../parts/useSubmit.ts'
import { Wrong } from '../pages/Gate.tsx'
import { callable } from './people.ts'
import { dayAndTime, moment, timestamp, wall } from './zone.ts'

const minute = 60_000
const hour = 60 * minute

/** OverrideDialog puts somebody on call for a time, before whoever the rotation names. Members put themselves, administrators anybody. */
export function OverrideDialog(props: {
  readonly duties: readonly Duty[]
  readonly schedule?: ScheduleId | undefined
  readonly zone: string
  readonly onClose: () => void
  readonly onDone: () => void
}): JSX.Element {
  const { api, store, derived, actions } = useClient()
  const { duties, zone } = props
  const me = store.me.value?.id
  const now = Math.floor(store.now.peek() / minute) * minute
  const [schedule, setSchedule] = useState<ScheduleId | undefined>(props.schedule ?? duties[0]?.schedule.id)
  const [person, setPerson] = useState<PersonId | undefined>(me)
  const [from, setFrom] = useState(wall(now, zone))
  const [to, setTo] = useState(wall(now + 12 * hour, zone))
  const form = useSubmit(['person', 'from', 'to'])
  const people = callable(store.people.value, derived.isAdmin.value ? undefined : me)
  const [begin, end] = [moment(from, zone), moment(to, zone)]
  const duty = duties.find((one) => one.schedule.id === schedule)
  const submit = form.run(async () => {
    if (schedule === undefined || person === undefined || begin === undefined || end === undefined) return
    await api.oncall.addOverride(schedule, { person, from: timestamp(begin), to: timestamp(end) })
    actions.toast(`${derived.personName(person)} is on call for ${duty?.schedule.name ?? 'the schedule'} until ${dayAndTime(end, zone)}.`)
    props.onDone()
  })
  return (
    <Modal title="Put somebody on call" onClose={props.onClose}>
      <form class="form" onSubmit={submit}>
        {duty !== undefined && person !== undefined && duty.now.includes(person) && (
          <p class="notice ok" role="status">
            {person === me ? 'You are' : `${derived.personName(person)} is`} on call for {duty.schedule.name} already
            {duty.until === undefined ? '; nobody else takes over.' : `, until ${dayAndTime(Date.parse(duty.until), zone)}.`}
          </p>
        )}
        {duties.length > 1 && (
          <Choose label="Schedule" value={schedule} choices={duties.map((one) => ({ value: one.schedule.id, words: one.schedule.name }))} onChange={setSchedule} />
        )}
        <Choose
          label="Who"
          value={person}
          choices={people.map((one) => ({ value: one.id, words: one.id === me ? `${one.name} (you)` : one.name }))}
          onChange={setPerson}
          wrong={form.wrong('person')}
        />
        <div class="pair">
          <When label="From" value={from} onInput={setFrom} wrong={form.wrong('from')} />
          <When label="To" value={to} onInput={setTo} wrong={form.wrong('to') ?? (begin !== undefined && end !== undefined && end <= begin ? 'It ends before it begins.' : undefined)} />
        </div>
        <p class="hint">Times in {zone}. It takes precedence over the rotation and over earlier overrides, and can be taken back.</p>
        <Wrong words={form.wrong()} />
        <div class="actions">
          <button class="btn primary" type="submit" disabled={form.busy || schedule === undefined || person === undefined || begin === undefined || end === undefined || end <= begin}>
            {person === me ? 'Put me on call' : 'Put on call'}
          </button>
          <button class="btn" type="button" onClick={props.onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Modal>
  )
}

function When(props: { readonly label: string; readonly value: string; readonly onInput: (value: string) => void; readonly wrong: string | undefined }): JSX.Element {
  return (
    <Field label={props.label} wrong={props.wrong}>
      {(id, note) => (
        <input id={id} class="input" type="datetime-local" aria-describedby={note} aria-invalid={props.wrong !== undefined} required value={props.value} onInput={(e) => props.onInput(e.currentTarget.value)} />
      )}
    </Field>
  )
}
