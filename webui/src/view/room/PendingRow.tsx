import type { JSX } from 'preact'
import type { Pending } from '../../state/outbox.ts'
import { useHands } from '../context.ts'
import { Avatar } from '../parts/Avatar.tsx'
import { Icon } from '../parts/Icon.tsx'
import { Clock } from '../parts/Time.tsx'
import { Files } from './Files.tsx'
import { MessageText } from './MessageText.tsx'

/** PendingRow is a message that has not arrived yet: dimmed while it is sent, with what to do when it failed. */
export function PendingRow(props: { readonly pending: Pending; readonly follows: boolean }): JSX.Element {
  const { client, desk } = useHands()
  const { pending, follows } = props
  const me = client.store.me.value
  const name = me?.name ?? ''
  const failed = pending.state === 'failed'
  return (
    <article class={`msg ${failed ? 'failed' : 'pending'} ${follows ? 'follows' : ''}`} aria-label={`${name}, ${failed ? 'not sent' : 'sending'}`}>
      {follows ? <span class="side" /> : <Avatar id={me?.id ?? ''} name={name} />}
      <div class="body">
        {!follows && (
          <div class="by">
            <span class="author">{name}</span>
            <Clock at={pending.time} class="hint" />
          </div>
        )}
        {pending.text !== '' && <MessageText text={pending.text} />}
        {pending.files.length > 0 && <Files files={pending.files} />}
        {failed && (
          <div class="actions retry" role="alert">
            <span class="wrong">
              <Icon name="triangle" size={12} /> Not sent. {pending.error}
            </span>
            <button class="btn" type="button" onClick={() => client.actions.retry(pending.nonce)}>
              Try again
            </button>
            <button class="btn quiet" type="button" onClick={() => desk.write(client.actions.discard(pending.nonce))}>
              Take back
            </button>
          </div>
        )}
      </div>
    </article>
  )
}
