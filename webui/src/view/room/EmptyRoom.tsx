import type { JSX } from 'preact'
import { format } from '../../state/route.ts'
import type { RoomView } from '../../wire/types.gen.ts'
import { useHands } from '../context.ts'
import { Icon } from '../parts/Icon.tsx'

/** EmptyRoom is the beginning of a room: what it is for, and three things to do. */
export function EmptyRoom(props: { readonly view: RoomView; readonly title: string; readonly bare: boolean }): JSX.Element {
  const { client, desk } = useHands()
  const { view, title } = props
  const { room } = view
  if (!props.bare) {
    return <p class="hint center">The beginning of {title}</p>
  }
  return (
    <div class="empty">
      <h2>{title}</h2>
      <p>{room.kind === 'direct' ? 'Only the people of this conversation read it.' : room.topic || 'Nothing has been said here yet.'}</p>
      <div class="actions">
        {view.joined && room.kind !== 'direct' && (
          <button class="btn" type="button" onClick={() => desk.open({ kind: 'members', room: room.id })}>
            <Icon name="people" />
            Add people
          </button>
        )}
        {view.joined && room.kind !== 'direct' && !room.topic && (
          <button class="btn" type="button" onClick={() => desk.open({ kind: 'roomSettings', room: room.id })}>
            <Icon name="edit" />
            Set a topic
          </button>
        )}
        {client.derived.isAdmin.value && room.kind !== 'direct' && (
          <a class="btn" href={format({ page: 'admin', tab: 'integrations' })}>
            <Icon name="plug" />
            Connect a sender
          </a>
        )}
        {view.joined && (
          <button class="btn" type="button" onClick={() => desk.write('/help')}>
            <Icon name="send" />
            Try /help
          </button>
        )}
      </div>
    </div>
  )
}
