import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useHands } from '../context.ts'
import { Field } from '../parts/Field.tsx'
import { Modal } from '../parts/Modal.tsx'
import { useSubmit } from '../parts/useSubmit.ts'

/** RaiseDialog opens an incident by hand: it rings a team's people on call, or one person. */
export function RaiseDialog(): JSX.Element {
  const { client, desk } = useHands()
  const { store, actions } = client
  const [title, setTitle] = useState('')
  const [target, setTarget] = useState('')
  const form = useSubmit(['title'])
  const teams = [...store.teams.value.values()]
  const people = [...store.people.value.values()].filter((person) => person.disabled !== true && person.bot !== true)
  const submit = form.run(async () => {
    const person = people.find((one) => one.id === target)
    const team = teams.find((one) => one.id === target) ?? teams[0]
    await actions.raise({ title, severity: 'critical', ...(person === undefined ? (team === undefined ? {} : { team: team.id }) : { person: person.id }) })
    desk.close()
  })
  return (
    <Modal title="Page somebody" onClose={desk.close}>
      <form class="form" onSubmit={submit}>
        <Field label="What is wrong" wrong={form.wrong('title')}>
          {(id, note) => <input id={id} class="input" aria-describedby={note} required maxLength={200} autoFocus value={title} onInput={(e) => setTitle(e.currentTarget.value)} />}
        </Field>
        <Field label="Whom" hint="A team's people on call, or one person. Their armed devices ring until somebody acknowledges.">
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
            Page now
          </button>
          <button class="btn" type="button" onClick={desk.close}>
            Cancel
          </button>
        </div>
      </form>
    </Modal>
  )
}
