import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { PersonId } from '../../wire/types.gen.ts'
import { useHands } from '../context.ts'
import { Modal } from '../parts/Modal.tsx'
import { PeoplePicker } from '../parts/PeoplePicker.tsx'
import { useSubmit } from '../parts/useSubmit.ts'

/** DirectDialog opens the conversation with one to eight people; the same people always have the same one. */
export function DirectDialog(): JSX.Element {
  const { client, desk } = useHands()
  const [chosen, setChosen] = useState<readonly PersonId[]>([])
  const form = useSubmit()
  const me = client.store.me.value?.id
  const people = [...client.store.people.value.values()].filter((person) => person.id !== me && person.disabled !== true && person.bot !== true)
  const submit = form.run(async () => {
    const room = await client.actions.direct(chosen)
    desk.close()
    client.actions.openRoom(room)
  })
  return (
    <Modal title="Direct message" onClose={desk.close}>
      <form class="form" onSubmit={submit}>
        <PeoplePicker label="To" people={people} chosen={chosen} onChange={setChosen} autoFocus />
        {form.wrong() !== undefined && (
          <p class="wrong" role="alert">
            {form.wrong()}
          </p>
        )}
        <div class="actions">
          <button class="btn primary" type="submit" disabled={form.busy || chosen.length === 0 || chosen.length > 8}>
            Open conversation
          </button>
          <button class="btn" type="button" onClick={desk.close}>
            Cancel
          </button>
        </div>
      </form>
    </Modal>
  )
}
