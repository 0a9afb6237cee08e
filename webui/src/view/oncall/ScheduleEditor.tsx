import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Schedule } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { Field } from '../parts/Field.tsx'
import { Icon } from '../parts/Icon.tsx'
import { Modal } from '../parts/Modal.tsx'
import { useSubmit } from '../parts/useSubmit.ts'
import { Wrong } from '../pages/Gate.tsx'
import { Declared, EditorActions } from './EditorActions.tsx'
import { freshTurn, missing, rotationOf, type Turn, turnOf } from './draft.ts'
import { RotationFields } from './RotationFields.tsx'
import { ownZone } from './zone.ts'
import { ZoneField } from './ZoneField.tsx'

/** ScheduleEditor makes or changes a schedule: the first rotation that has somebody is on call. */
export function ScheduleEditor(props: { readonly schedule: Schedule | undefined; readonly onClose: () => void; readonly onDone: () => void }): JSX.Element {
  const { api, store } = useClient()
  const { schedule } = props
  const me = store.me.peek()?.id
  const [name, setName] = useState(schedule?.name ?? '')
  const [zone, setZone] = useState(schedule?.zone ?? store.me.peek()?.zone ?? ownZone())
  const [turns, setTurns] = useState<readonly Turn[]>(
    schedule?.rotations.map((rotation) => turnOf(rotation, schedule.zone)) ?? [freshTurn(store.now.peek(), zone, me === undefined ? [] : [me])],
  )
  const form = useSubmit(['name', 'zone'])
  const declared = schedule?.declared === true
  const lack = missing(name, turns)
  const submit = form.run(async () => {
    const next = { name: name.trim(), zone, rotations: turns.map((turn) => rotationOf(turn, zone)) }
    if (schedule === undefined) {
      await api.oncall.schedules.create(next)
    } else {
      await api.oncall.schedules.replace(schedule.id, { ...schedule, ...next })
    }
    props.onDone()
  })
  const set = (at: number, turn: Turn): void => setTurns(turns.map((old, i) => (i === at ? turn : old)))
  return (
    <Modal title={schedule === undefined ? 'New schedule' : `Schedule ${schedule.name}`} onClose={props.onClose}>
      <form class="form" onSubmit={submit}>
        {declared && <Declared />}
        <fieldset class="form" disabled={declared}>
          <div class="pair">
            <Field label="Name" wrong={form.wrong('name')}>
              {(id, note) => <input id={id} class="input" aria-describedby={note} required maxLength={80} value={name} onInput={(e) => setName(e.currentTarget.value)} />}
            </Field>
            <ZoneField value={zone} onChange={setZone} wrong={form.wrong('zone')} hint="Hand-overs keep their wall-clock time here." />
          </div>
          {turns.map((turn, i) => (
            <RotationFields
              key={i}
              turn={turn}
              title={turns.length === 1 ? 'Rotation' : `Rotation ${i + 1}${i > 0 ? ', when the ones above have nobody' : ''}`}
              zone={zone}
              disabled={declared}
              onChange={(next) => set(i, next)}
              onRemove={() => setTurns(turns.filter((_, other) => other !== i))}
            />
          ))}
          {turns.length === 0 && <p class="notice high">Without a rotation nobody is on call, except by overrides.</p>}
          {!declared && (
            <div class="actions">
              <button class="btn" type="button" onClick={() => setTurns([...turns, freshTurn(store.now.peek(), zone, [])])}>
                <Icon name="plus" />
                {turns.length === 0 ? 'Add a rotation' : 'Add another rotation'}
              </button>
            </div>
          )}
        </fieldset>
        <Wrong words={form.wrong()} />
        <EditorActions
          busy={form.busy}
          lack={declared ? undefined : lack}
          declared={declared}
          onClose={props.onClose}
          remove={
            schedule === undefined
              ? undefined
              : { what: `the schedule ${schedule.name}`, lost: 'Its rotations and overrides are lost.', run: () => api.oncall.schedules.remove(schedule.id), done: props.onDone }
          }
        />
      </form>
    </Modal>
  )
}
