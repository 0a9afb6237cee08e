import type { JSX } from 'preact'
import { useClient } from '../context.ts'
import { Choose } from '../parts/Choose.tsx'
import { Field } from '../parts/Field.tsx'
import { Icon } from '../parts/Icon.tsx'
import { IconButton } from '../parts/IconButton.tsx'
import type { Window } from '../../wire/types.gen.ts'
import { freshTurn, type Turn } from './draft.ts'
import { Ordered } from './Ordered.tsx'
import { callable } from './people.ts'

const units = [
  { value: 'weeks', words: 'weeks' },
  { value: 'days', words: 'days' },
  { value: 'hours', words: 'hours' },
] as const

/** RotationFields edit one rotation: who, in which order, how long a turn is, since when and inside which hours. */
export function RotationFields(props: {
  readonly turn: Turn
  readonly title: string
  readonly zone: string
  readonly disabled: boolean
  readonly onChange: (turn: Turn) => void
  readonly onRemove: () => void
}): JSX.Element {
  const { store, derived } = useClient()
  const { turn, onChange } = props
  const people = callable(store.people.value)
  const gone = turn.people.filter((id) => !people.some((person) => person.id === id))
  const choices = [...people.map((person) => ({ value: person.id, words: person.name })), ...gone.map((id) => ({ value: id, words: `${derived.personName(id)} (gone)` }))]
  return (
    <section class="box form" aria-label={props.title}>
      <header class="with-button">
        <h3>{props.title}</h3>
        {!props.disabled && <IconButton icon="trash" label="Remove this rotation" onClick={props.onRemove} />}
      </header>
      <Ordered
        label="People, in the order of their turns"
        chosen={turn.people}
        choices={choices}
        add="Add somebody"
        disabled={props.disabled}
        onChange={(chosen) => onChange({ ...turn, people: chosen, start: chosen.length > 1 && turn.start === '' ? freshTurn(store.now.peek(), props.zone, []).start : turn.start })}
      />
      {turn.people.length > 1 ? <Turns turn={turn} zone={props.zone} onChange={onChange} /> : <p class="hint">One person is always on call{turn.only.length > 0 ? ' inside these hours' : ''}. Add another to take turns.</p>}
      <Windows windows={turn.only} disabled={props.disabled} onChange={(only) => onChange({ ...turn, only })} />
    </section>
  )
}

function Turns(props: { readonly turn: Turn; readonly zone: string; readonly onChange: (turn: Turn) => void }): JSX.Element {
  const { turn, onChange } = props
  return (
    <div class="pair">
      <div class="amount">
        <Field label="Turn">
          {(id, note) => (
            <input id={id} class="input num" type="number" aria-describedby={note} min={1} max={8760} required value={turn.length} onInput={(e) => onChange({ ...turn, length: e.currentTarget.value })} />
          )}
        </Field>
        <Choose label="Unit" value={turn.unit} choices={units} onChange={(unit) => onChange({ ...turn, unit: unit ?? turn.unit })} />
      </div>
      <Field label="First hand-over" hint={`Its time of day in ${props.zone} is the hand-over time.`}>
        {(id, note) => (
          <input id={id} class="input" type="datetime-local" aria-describedby={note} required value={turn.start} onInput={(e) => onChange({ ...turn, start: e.currentTarget.value })} />
        )}
      </Field>
    </div>
  )
}

const weekdays = [
  ['mon', 'Mon'],
  ['tue', 'Tue'],
  ['wed', 'Wed'],
  ['thu', 'Thu'],
  ['fri', 'Fri'],
  ['sat', 'Sat'],
  ['sun', 'Sun'],
] as const

/** Windows are the hours of the week inside which a rotation counts. */
function Windows(props: { readonly windows: readonly Window[]; readonly disabled: boolean; readonly onChange: (windows: readonly Window[]) => void }): JSX.Element {
  const { windows, onChange } = props
  return (
    <div class="form">
      {windows.map((window, i) => (
        <WindowFields
          key={i}
          window={window}
          disabled={props.disabled}
          onChange={(next) => onChange(windows.map((old, other) => (other === i ? next : old)))}
          onRemove={() => onChange(windows.filter((_, other) => other !== i))}
        />
      ))}
      {!props.disabled && (
        <div class="actions">
          <button class="btn quiet" type="button" onClick={() => onChange([...windows, { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '18:00' }])}>
            <Icon name="clock" />
            {windows.length === 0 ? 'Only at certain hours' : 'More hours'}
          </button>
        </div>
      )}
    </div>
  )
}

function WindowFields(props: { readonly window: Window; readonly disabled: boolean; readonly onChange: (window: Window) => void; readonly onRemove: () => void }): JSX.Element {
  const { window, onChange } = props
  return (
    <div class="form" role="group" aria-label="Hours">
      <div class="weekdays">
        {weekdays.map(([day, words]) => (
          <label key={day} class="check">
            <input
              type="checkbox"
              checked={window.days.length === 0 || window.days.includes(day)}
              onChange={(e) => {
                const days = window.days.length === 0 ? weekdays.map(([name]) => name) : window.days
                onChange({ ...window, days: e.currentTarget.checked ? [...days, day] : days.filter((other) => other !== day) })
              }}
            />
            {words}
          </label>
        ))}
      </div>
      <div class="actions">
        <input class="input time" type="time" aria-label="From" required value={window.from} onInput={(e) => onChange({ ...window, from: e.currentTarget.value })} />
        <span class="hint">to</span>
        <input class="input time" type="time" aria-label="To" required value={window.to === '24:00' ? '00:00' : window.to} onInput={(e) => onChange({ ...window, to: e.currentTarget.value })} />
        {!props.disabled && <IconButton icon="trash" label="Remove these hours" onClick={props.onRemove} />}
      </div>
    </div>
  )
}
