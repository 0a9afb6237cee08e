import { useComputed } from '@preact/signals'
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { clock, exact } from '../../lib/time.ts'
import { plural } from '../../lib/text.ts'
import { format } from '../../state/route.ts'
import type { Line } from '../../state/core.ts'
import { useHands } from '../context.ts'
import { Avatar } from '../parts/Avatar.tsx'
import { Icon } from '../parts/Icon.tsx'
import { Ago, Clock } from '../parts/Time.tsx'
import { CardView } from './Cards.tsx'
import { EditBox } from './EditBox.tsx'
import { Files } from './Files.tsx'
import { MessageText } from './MessageText.tsx'
import { RowActions } from './RowActions.tsx'

/** MessageRow is one message. Its buttons exist only while it is pointed at or focused, so that a long room stays light. */
export function MessageRow(props: {
  readonly line: Line
  readonly follows: boolean
  /** the one that was jumped to */
  readonly hit: boolean
  /** the one that Tab reaches */
  readonly reachable: boolean
  readonly inThread: boolean
}): JSX.Element {
  const { line, follows, hit, reachable, inThread } = props
  const { client, desk } = useHands()
  const [near, setNear] = useState(false)
  const editing = useComputed(() => desk.editing.value === line.id)
  const name = line.as === undefined || line.as === '' ? client.derived.personName(line.author) : line.as
  const classes = ['msg', follows ? 'follows' : '', hit ? 'hit' : '', line.deleted === undefined ? '' : 'gone'].join(' ')
  return (
    <article
      class={classes}
      data-seq={line.id}
      tabIndex={reachable ? 0 : -1}
      aria-label={`${name}, ${clock(line.time)}`}
      onPointerEnter={(e) => e.pointerType === 'mouse' && setNear(true)}
      onPointerLeave={(e) => e.pointerType === 'mouse' && setNear(false)}
      onFocusIn={() => setNear(true)}
      onFocusOut={(e) => setNear(e.relatedTarget instanceof Node && e.currentTarget.contains(e.relatedTarget))}
      onKeyDown={(e) => {
        if (e.key === 'r' && e.target === e.currentTarget && !e.ctrlKey && !e.metaKey && !inThread) {
          e.preventDefault()
          client.actions.go({ page: 'room', room: line.room, thread: line.id })
        }
      }}
    >
      {follows ? (
        <time class="side" title={exact(line.time)}>
          {near ? clock(line.time) : ''}
        </time>
      ) : (
        <Avatar id={line.author} name={name} />
      )}
      <div class="body">
        {!follows && <By line={line} name={name} />}
        {editing.value ? <EditBox line={line} /> : <What line={line} />}
        {!inThread && line.replies !== undefined && line.replies > 0 && (
          <a class="replies" href={format({ page: 'room', room: line.room, thread: line.id })}>
            <Icon name="reply" size={12} />
            {plural(line.replies, 'reply', 'replies')}
            {line.lastReply !== undefined && (
              <span class="hint">
                last <Ago at={line.lastReply} />
              </span>
            )}
          </a>
        )}
      </div>
      {near && !editing.value && line.deleted === undefined && <RowActions line={line} inThread={inThread} />}
    </article>
  )
}

function By(props: { readonly line: Line; readonly name: string }): JSX.Element {
  const { derived } = useHands().client
  const { line, name } = props
  return (
    <div class="by">
      <span class="author">{name}</span>
      {derived.person(line.author)?.bot === true && <span class="badge">bot</span>}
      <Clock at={line.time} class="hint" />
    </div>
  )
}

function What(props: { readonly line: Line }): JSX.Element {
  const { line } = props
  if (line.deleted !== undefined) {
    return <p class="tombstone">Message deleted</p>
  }
  return (
    <>
      {line.command !== undefined ? <p class="command">{line.text}</p> : line.text !== '' && line.card?.incident === undefined && <MessageText text={line.text} />}
      {line.edited !== undefined && (
        <span class="edited" title={exact(line.edited)}>
          edited
        </span>
      )}
      {line.files !== undefined && line.files.length > 0 && <Files files={line.files} />}
      {line.card !== undefined && <CardView card={line.card} line={line} />}
    </>
  )
}
