import type { JSX } from 'preact'
import type { RoomId } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { DoButton } from '../parts/DoButton.tsx'

/** JoinBar stands where the composer would, in a room that one reads without being a member. */
export function JoinBar(props: { readonly room: RoomId; readonly title: string }): JSX.Element {
  const { actions } = useClient()
  return (
    <div class="joinbar">
      <span class="hint grow">You read this room without being a member.</span>
      <DoButton class="primary" run={() => actions.join(props.room)}>
        Join {props.title}
      </DoButton>
    </div>
  )
}
