import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useHands } from '../context.ts'
import { Choose } from '../parts/Choose.tsx'
import { Field } from '../parts/Field.tsx'
import { Modal } from '../parts/Modal.tsx'
import { useSubmit } from '../parts/useSubmit.ts'

const severities = [
  { value: 'critical', words: 'critical' },
  { value: 'low', words: 'low' },
] as const

/** RaiseDialog opens an incident by hand: it rings a team's people on call, or one person. */
export function RaiseDialog(): JSX.Element {
  const { client, desk } = useHands()
  const { store, actions } = client
  const [title, setTitle] = useState('')
  const [text, setText] = useState('')
  const [severity, setSeverity] = useState<'critical' | 'low'>('critical')
  const [target, setTarget] = useState('')
  const form = useSubmit(['title', 'text', 'severity'])
  const teams = [...store.teams.value.values()]
  const people = [...store.people.value.values()].filter((person) => person.disabled !== true && person.bot !== true)
  const submit = form.run(async () => {
    const person = people.find((one) => one.id === target)
    const team = teams.find((one) => one.id === target) ?? teams[0]
    await actions.raise({ title: title.trim(), severity, ...(text.trim() === '' ? {} : { text: text.trim() }), ...(person === undefined ? (team === undefined ? {} : { team: team.id }) : { person: person.id }) })
    desk.close()
  })
  return (
    <Modal title="Page somebody" onClose={desk.close}>
      <form class="form" onSubmit={submit}>
        <Field label="What is wrong" wrong={form.wrong('title')}>
          {(id, note) => <input id={id} class="input" aria-describedby={note} required maxLength={200} autoFocus value={title} onInput={(e) => setTitle(e.currentTarget.value)} />}
        </Field>
        <Field label="What is known" hint="Optional: what you see, since when, what was tried. Markdown." wrong={form.wrong('text')}>
          {(id, note) => <textarea id={id} class="area" aria-describedby={note} rows={3} maxLength={4000} value={text} onInput={(e) => setText(e.currentTarget.value)} />}
        </Field>
        <Choose
          label="How bad"
          hint={severity === 'critical' ? 'Rings until somebody acknowledges, and gets a room of its own.' : 'Chimes once and stands in the room.'}
          value={severity}
          choices={severities}
          onChange={(next) => setSeverity(next ?? severity)}
          wrong={form.wrong('severity')}
        />
        <Field label="Whom" hint="A team's people on call, or one person.">
          {(id, note) => (
            <select id={id} class="select" aria-describedby={note} value={target || teams[0]?.id} onChange={(e) => setTarget(e.currentTarget.value)}>
              {teams.map((team) => (
                <option key={team.id} value={team.id}>
                  On call: {team.name}
                </option>
              ))}
              {people.map((person) => (
                <option key={person.id} value={person.id}>
                  {person.name} (@{person.handle})
                </option>
              ))}
            </select>
          )}
        </Field>
        {form.wrong() !== undefined && (
          <p class="wrong" role="alert">
            {form.wrong()}
          </p>
        )}
        <div class="actions">
          <button class="btn danger" type="submit" disabled={form.busy || title.trim() === ''}>
            {severity === 'critical' ? 'Page now' : 'Raise'}
          </button>
          <button class="btn" type="button" onClick={desk.close}>
            Cancel
          </button>
        </div>
      </form>
    </Modal>
  )
}
