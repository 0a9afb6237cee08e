import type { JSX } from 'preact'
import { segments } from '../../lib/text.ts'
import { format } from '../../state/route.ts'
import type { SearchHit } from '../../wire/rest.ts'
import { useClient } from '../context.ts'
import { Avatar } from '../parts/Avatar.tsx'
import { Ago } from '../parts/Time.tsx'
import { excerpt } from './excerpt.ts'

/** Hit is a message that was found, with what matched; it leads to its place in the room. */
export function Hit(props: { readonly hit: SearchHit }): JSX.Element {
  const { store, derived } = useClient()
  const { message, room, spans } = props.hit
  const view = store.room(room).value
  const name = message.as === undefined || message.as === '' ? derived.personName(message.author) : message.as
  const { text, spans: near, cut } = excerpt(message.text, spans)
  const thread = message.thread === undefined ? {} : { thread: message.thread }
  return (
    <li>
      <a class="hit" href={format({ page: 'room', room, message: message.id, ...thread })}>
        <Avatar id={message.author} name={name} />
        <div class="body">
          <div class="by">
            <span class="author">{name}</span>
            <span class="hint">{view === undefined ? 'a room' : derived.roomTitle(view)}</span>
            {message.thread !== undefined && <span class="badge">reply</span>}
            <Ago at={message.time} class="hint" />
          </div>
          <p class="found">
            {cut.start && '…'}
            {segments(text, near).map((segment, i) => (segment.hit ? <mark key={i}>{segment.text}</mark> : segment.text))}
            {cut.end && '…'}
          </p>
        </div>
      </a>
    </li>
  )
}
