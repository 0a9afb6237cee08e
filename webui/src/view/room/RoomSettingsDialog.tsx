import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { RoomId, RoomView } from '../../wire/types.gen.ts'
import { useHands } from '../context.ts'
import { Field } from '../parts/Field.tsx'
import { Modal } from '../parts/Modal.tsx'
import { useSubmit } from '../parts/useSubmit.ts'

/** RoomSettingsDialog changes a room's name and topic, archives it, or leaves it. */
export function RoomSettingsDialog(props: { readonly room: RoomId }): JSX.Element | null {
  const { client } = useHands()
  const view = client.store.room(props.room).value
  return view === undefined ? null : <Form view={view} />
}

function Form(props: { readonly view: RoomView }): JSX.Element {
  const { client, desk } = useHands()
  const { room, joined } = props.view
  const [name, setName] = useState(room.name)
  const [topic, setTopic] = useState(room.topic ?? '')
  const [locked, setLocked] = useState(room.locked === true)
  const form = useSubmit(['name', 'topic'])
  const submit = form.run(async () => {
    await client.actions.patchRoom(room.id, {
      ...(name === room.name ? {} : { name }),
      ...(topic === (room.topic ?? '') ? {} : { topic }),
      ...(locked === (room.locked === true) ? {} : { locked }),
    })
    desk.close()
  })
  return (
    <Modal title={`Settings of #${room.name}`} onClose={desk.close}>
      <form class="form" onSubmit={submit}>
        <Field label="Name" wrong={form.wrong('name')}>
          {(id, note) => <input id={id} class="input" aria-describedby={note} required maxLength={64} value={name} onInput={(e) => setName(e.currentTarget.value)} />}
        </Field>
        <Field label="Topic" wrong={form.wrong('topic')}>
          {(id, note) => <input id={id} class="input" aria-describedby={note} autoFocus value={topic} onInput={(e) => setTopic(e.currentTarget.value)} />}
        </Field>
        <label class="check">
          <input type="checkbox" checked={locked} onChange={(e) => setLocked(e.currentTarget.checked)} />
          <span>Only members write</span>
        </label>
        {form.wrong() !== undefined && (
          <p class="wrong" role="alert">
            {form.wrong()}
          </p>
        )}
        <div class="actions">
          <button class="btn primary" type="submit" disabled={form.busy}>
            Save
          </button>
          <button class="btn" type="button" onClick={desk.close}>
            Cancel
          </button>
          <span class="spread" />
          {joined && <LeaveButton view={props.view} />}
          <ArchiveButton view={props.view} />
        </div>
      </form>
    </Modal>
  )
}

function LeaveButton(props: { readonly view: RoomView }): JSX.Element {
  const { client, desk } = useHands()
  const { room } = props.view
  const leave = async (): Promise<void> => {
    await client.actions.leave(room.id)
    client.actions.go({ page: 'home' })
  }
  const ask = (): void =>
    desk.ask({
      title: `Leave #${room.name}`,
      text: room.kind === 'private' ? 'It is private: you can come back only when a member adds you.' : 'You can join again whenever you want.',
      button: 'Leave',
      run: leave,
    })
  return (
    <button class="btn" type="button" onClick={ask}>
      Leave
    </button>
  )
}

function ArchiveButton(props: { readonly view: RoomView }): JSX.Element {
  const { client, desk } = useHands()
  const { room } = props.view
  const archived = room.archived === true
  const ask = (): void =>
    desk.ask({
      title: archived ? `Bring #${room.name} back` : `Archive #${room.name}`,
      text: archived ? 'Its members can write in it again.' : 'Nobody can write in it any more. It can still be read and searched, and brought back.',
      button: archived ? 'Bring back' : 'Archive',
      danger: !archived,
      run: () => client.actions.patchRoom(room.id, { archived: !archived }),
    })
  return (
    <button class={`btn ${archived ? '' : 'danger'}`} type="button" onClick={ask}>
      {archived ? 'Bring back' : 'Archive'}
    </button>
  )
}
