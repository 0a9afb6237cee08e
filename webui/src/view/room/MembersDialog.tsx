import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { plural } from '../../lib/text.ts'
import type { Person, PersonId, RoomId, RoomView } from '../../wire/types.gen.ts'
import { useHands } from '../context.ts'
import { Avatar } from '../parts/Avatar.tsx'
import { DoButton } from '../parts/DoButton.tsx'
import { Modal } from '../parts/Modal.tsx'
import { PeoplePicker } from '../parts/PeoplePicker.tsx'

/** MembersDialog shows who is in a room, adds people, and removes them. */
export function MembersDialog(props: { readonly room: RoomId }): JSX.Element | null {
  const { client, desk } = useHands()
  const { store, derived } = client
  const view = store.room(props.room).value
  const [adding, setAdding] = useState<readonly PersonId[]>([])
  if (view === undefined) {
    return null
  }
  const people = view.members.flatMap((id) => derived.person(id) ?? [])
  const others = [...store.people.value.values()].filter((person) => person.disabled !== true && !view.members.includes(person.id))
  const add = async (): Promise<void> => {
    await client.actions.add(props.room, adding)
    setAdding([])
  }
  return (
    <Modal title={`${plural(view.total, 'member')} of ${derived.roomTitle(view)}`} onClose={desk.close}>
      <ul class="picks tall" aria-label="Members">
        {people.map((person) => (
          <Member key={person.id} view={view} person={person} />
        ))}
        {view.total > people.length && <li class="hint">and {view.total - people.length} more</li>}
      </ul>
      {view.room.archived !== true && (
        <div class="form">
          <PeoplePicker label="Add people" people={others} chosen={adding} onChange={setAdding} />
          <div class="actions">
            <DoButton class="primary" disabled={adding.length === 0} run={add}>
              Add {adding.length === 0 ? 'people' : plural(adding.length, 'person', 'people')}
            </DoButton>
            <span class="spread" />
            <button class="btn" type="button" onClick={desk.close}>
              Close
            </button>
          </div>
        </div>
      )}
    </Modal>
  )
}

function Member(props: { readonly view: RoomView; readonly person: Person }): JSX.Element {
  const { client } = useHands()
  const { view, person } = props
  const me = client.store.me.value?.id
  const may = person.id !== me && view.joined && view.room.archived !== true
  return (
    <li class="row">
      <Avatar small id={person.id} name={person.name} />
      <span class="name">
        {person.name} {person.id === me && <span class="hint">you</span>}
      </span>
      <span class="hint">@{person.handle}</span>
      {may && (
        <DoButton class="quiet" label={`Remove ${person.name} from the room`} run={() => client.actions.removeMember(view.room.id, person.id)}>
          Remove
        </DoButton>
      )}
    </li>
  )
}
