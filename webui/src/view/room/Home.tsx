import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { useHands } from '../context.ts'
import { phone } from '../parts/media.ts'

/** Home is the list of rooms on a phone; elsewhere it leads to what burns, or to the first room. */
export function Home(): JSX.Element {
  const { client, desk } = useHands()
  const { priority, rooms, direct } = client.derived.roomList.value
  const burning = priority.find((item) => item.incident?.state === 'triggered')
  const first = (burning ?? rooms[0] ?? direct[0])?.view.room.id
  useEffect(() => {
    if (first !== undefined && !phone.value) client.actions.openRoom(first)
  }, [first, phone.value])
  return (
    <main class="main">
      {first === undefined && (
        <div class="empty">
          <h1>No room yet</h1>
          <p>You are a member of no room.</p>
          <div class="actions">
            <button class="btn primary" type="button" onClick={() => desk.open({ kind: 'directory' })}>
              Find a room
            </button>
            <button class="btn" type="button" onClick={() => desk.open({ kind: 'newRoom' })}>
              Make a room
            </button>
          </div>
        </div>
      )}
    </main>
  )
}
