import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { plural } from '../../lib/text.ts'
import type { RoomId, Seq } from '../../wire/types.gen.ts'
import { useHands } from '../context.ts'
import { Failed } from '../parts/Failed.tsx'
import { IconButton } from '../parts/IconButton.tsx'
import { Skeleton } from '../parts/Skeleton.tsx'
import { Composer } from './Composer.tsx'
import { MessageList } from './MessageList.tsx'
import { lastEditable } from './rows.ts'
import { MessageRow } from './MessageRow.tsx'

/** ThreadPane is a message with its replies, beside the room. */
export function ThreadPane(props: { readonly room: RoomId; readonly root: Seq; readonly jump?: Seq | undefined }): JSX.Element {
  const { room, root } = props
  const { client, desk } = useHands()
  const { store, histories, derived, actions } = client
  const thread = store.thread(root).value
  const stale = thread?.stale === true
  useEffect(() => {
    void histories.showThread(root)
  }, [root, stale])
  const status = histories.status(root).value
  const { lines, pending } = derived.threadLines(root).value
  const me = store.me.value?.id
  const editLast = (): void => desk.edit(lastEditable(lines, me))
  return (
    <aside class="panel thread" aria-label="Thread">
      <header class="head">
        <h2 class="title">Thread</h2>
        <span class="hint">{plural(lines.length, 'reply', 'replies')}</span>
        <span class="spread" />
        <IconButton icon="close" label="Close thread" onClick={() => actions.go({ page: 'room', room })} />
      </header>
      {thread === undefined ? (
        typeof status === 'object' ? (
          <Failed what={status.error} onRetry={() => void histories.showThread(root)} />
        ) : (
          <Skeleton rows={3} />
        )
      ) : (
        <MessageList
          key={root}
          label="Replies"
          lines={lines}
          pending={pending}
          older={thread.older}
          newer={false}
          onOlder={() => histories.olderReplies(root)}
          onNewer={async () => undefined}
          onLatest={() => histories.showThread(root)}
          jump={props.jump}
          inThread
        >
          <MessageRow line={thread.root} follows={false} hit={false} reachable={false} inThread />
        </MessageList>
      )}
      {thread !== undefined && <Composer key={`c${root}`} room={room} thread={root} title="the thread" onEditLast={editLast} />}
    </aside>
  )
}
