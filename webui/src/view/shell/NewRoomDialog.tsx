import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useHands } from '../context.ts'
import { Field } from '../parts/Field.tsx'
import { Modal } from '../parts/Modal.tsx'
import { useSubmit } from '../parts/useSubmit.ts'

/** NewRoomDialog makes a public or private room and opens it. */
export function NewRoomDialog(): JSX.Element {
  const { client, desk } = useHands()
  const [name, setName] = useState('')
  const [topic, setTopic] = useState('')
  const [secret, setSecret] = useState(false)
  const form = useSubmit(['name', 'topic'])
  const submit = form.run(async () => {
    const about = topic.trim() === '' ? {} : { topic: topic.trim() }
    const room = await client.actions.createRoom({ kind: secret ? 'private' : 'public', name, ...about })
    desk.close()
    client.actions.openRoom(room)
  })
  return (
    <Modal title="New room" onClose={desk.close}>
      <form class="form" onSubmit={submit}>
        <Field label="Name" hint="Small letters, digits, dots, hyphens" wrong={form.wrong('name')}>
          {(id, note) => (
            <input
              id={id}
              class="input"
              aria-describedby={note}
              required
              maxLength={64}
              autoFocus
              autoComplete="off"
              placeholder="deploys"
              value={name}
              onInput={(e) => setName(e.currentTarget.value.toLowerCase().replace(/^#/, '').replaceAll(/[^a-z0-9._-]/g, '-'))}
            />
          )}
        </Field>
        <Field label="Topic" hint="What is it for? May stay empty" wrong={form.wrong('topic')}>
          {(id, note) => <input id={id} class="input" aria-describedby={note} value={topic} onInput={(e) => setTopic(e.currentTarget.value)} />}
        </Field>
        <label class="check">
          <input type="checkbox" checked={secret} onChange={(e) => setSecret(e.currentTarget.checked)} />
          <span>
            Private <span class="hint">only people who are added can find and read it</span>
          </span>
        </label>
        {form.wrong() !== undefined && (
          <p class="wrong" role="alert">
            {form.wrong()}
          </p>
        )}
        <div class="actions">
          <button class="btn primary" type="submit" disabled={form.busy || name === ''}>
            Make #{name || 'room'}
          </button>
          <button class="btn" type="button" onClick={desk.close}>
            Cancel
          </button>
        </div>
      </form>
    </Modal>
  )
}
