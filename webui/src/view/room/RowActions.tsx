import type { JSX } from 'preact'
import { permalink } from '../../state/route.ts'
import type { Line } from '../../state/core.ts'
import { useHands } from '../context.ts'
import { IconButton } from '../parts/IconButton.tsx'

/** RowActions is what can be done with a message. */
export function RowActions(props: { readonly line: Line; readonly inThread: boolean }): JSX.Element {
  const { line, inThread } = props
  const { client, desk } = useHands()
  const { store, derived, actions } = client
  const own = line.author === store.me.value?.id
  const copy = (): void => {
    navigator.clipboard.writeText(permalink(line.id)).then(
      () => actions.toast('Link copied.'),
      () => actions.toast('The browser did not allow copying.', 'error'),
    )
  }
  const remove = (): void =>
    desk.ask({
      title: 'Delete message',
      text: 'Its text and files are gone for everybody. This cannot be undone.',
      button: 'Delete message',
      danger: true,
      run: () => actions.remove(line.id),
    })
  return (
    <div class="acts" role="toolbar" aria-label="Message">
      {!inThread && <IconButton icon="reply" label="Reply in a thread" onClick={() => actions.go({ page: 'room', room: line.room, thread: line.id })} />}
      {own && line.command === undefined && line.card === undefined && <IconButton icon="edit" label="Edit" onClick={() => desk.edit(line.id)} />}
      <IconButton icon="link" label="Copy link" onClick={copy} />
      {(own || derived.isAdmin.value) && <IconButton icon="trash" label="Delete" onClick={remove} />}
    </div>
  )
}
