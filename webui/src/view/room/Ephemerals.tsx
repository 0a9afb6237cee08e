import type { JSX } from 'preact'
import type { RoomId } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { IconButton } from '../parts/IconButton.tsx'
import { Markdown } from '../parts/Markdown.tsx'

/** Ephemerals are answers to commands that only their asker sees, until dismissed. */
export function Ephemerals(props: { readonly room: RoomId }): JSX.Element | null {
  const { store, actions } = useClient()
  const mine = store.ephemerals.value.filter((one) => one.room === props.room)
  if (mine.length === 0) {
    return null
  }
  return (
    <div class="ephemerals" role="log" aria-live="polite" aria-label="Answers that only you see">
      {mine.map((one) => (
        <div key={one.nonce} class="ephemeral">
          <div class="grow">
            <Markdown text={one.text} />
            <p class="hint">Only you see this.</p>
          </div>
          <IconButton icon="close" label="Dismiss" onClick={() => actions.dismissEphemeral(one.nonce)} />
        </div>
      ))}
    </div>
  )
}
