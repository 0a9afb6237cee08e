import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { plural } from '../../lib/text.ts'
import { words } from '../../wire/http.ts'
import type { RoomView } from '../../wire/types.gen.ts'
import { useHands } from '../context.ts'
import { Icon } from '../parts/Icon.tsx'
import { Modal } from '../parts/Modal.tsx'
import { Skeleton } from '../parts/Skeleton.tsx'

/** DirectoryDialog lists the rooms that one may join. */
export function DirectoryDialog(): JSX.Element {
  const { client, desk } = useHands()
  const [query, setQuery] = useState('')
  const [found, setFound] = useState<readonly RoomView[]>()
  const [wrong, setWrong] = useState<string>()
  useEffect(() => {
    let gone = false
    const timer = setTimeout(
      () => {
        client.api.rooms.directory(query).then(
          (rooms) => {
            if (!gone) setFound(rooms)
          },
          (error: unknown) => {
            if (!gone) setWrong(words(error))
          },
        )
      },
      found === undefined ? 0 : 150,
    )
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [query])
  const open = (view: RoomView): void => {
    desk.close()
    client.actions.openRoom(view.room.id)
  }
  return (
    <Modal title="Rooms" onClose={desk.close}>
      <input class="input" type="search" aria-label="Find a room" placeholder="Find a room" autoFocus value={query} onInput={(e) => setQuery(e.currentTarget.value)} />
      {wrong !== undefined && (
        <p class="wrong" role="alert">
          {wrong}
        </p>
      )}
      {found === undefined && wrong === undefined && <Skeleton rows={4} />}
      <ul class="picks tall">
        {found?.map((view) => (
          <li key={view.room.id}>
            <button class="row" type="button" onClick={() => open(view)}>
              <Icon name={view.room.kind === 'private' ? 'lock' : 'hash'} size={14} />
              <span class="name">
                {view.room.name} <span class="hint">{view.room.topic}</span>
              </span>
              <span class="hint">{view.joined ? 'joined' : plural(view.total, 'member')}</span>
            </button>
          </li>
        ))}
        {found?.length === 0 && <li class="hint">No room by that name.</li>}
      </ul>
      <div class="actions">
        <button class="btn" type="button" onClick={() => desk.open({ kind: 'newRoom' })}>
          <Icon name="plus" />
          New room
        </button>
        <span class="spread" />
        <button class="btn" type="button" onClick={desk.close}>
          Close
        </button>
      </div>
    </Modal>
  )
}
