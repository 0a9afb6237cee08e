import type { JSX } from 'preact'
import { maxBytes } from './paste.ts'
import type { Sender } from './send.ts'

/** Refused says why a text stayed in the composer, and what can be done with it. */
export function Refused(props: { readonly sender: Sender; readonly text: string; readonly onText: (text: string) => void; readonly onAttach: (blob: Blob) => void }): JSX.Element | null {
  const { sender, text, onText, onAttach } = props
  const refusal = sender.refusal.value
  if (refusal === undefined || refusal.text !== text) {
    return null
  }
  if (refusal.kind === 'long') {
    return (
      <div class="refused" role="alert">
        <span class="wrong">
          Too long: {Math.ceil(refusal.bytes / 1024)} KiB, and a message holds {maxBytes / 1024} KiB.
        </span>
        <button class="btn" type="button" onClick={() => onAttach(new File([text], 'pasted.txt', { type: 'text/plain' }))}>
          Attach it as a file
        </button>
      </div>
    )
  }
  return (
    <div class="refused" role="alert">
      <span class="wrong">{refusal.message}</span>
      {refusal.suggest.length > 0 && (
        <span class="actions">
          Did you mean
          {refusal.suggest.map((one) => (
            <button key={one} class="btn" type="button" onClick={() => onText(one.startsWith('/') ? replaced(text, one) : one)}>
              {one}
            </button>
          ))}
        </span>
      )}
      {refusal.unknown && <span class="hint">Enter again sends it as a message.</span>}
    </div>
  )
}

/** The text with another first word: the command that was meant, with the arguments that were given. */
function replaced(text: string, command: string): string {
  const rest = /^\s*\S+\s*(.*)$/s.exec(text)?.[1] ?? ''
  return command.includes(' ') ? command : `${command} ${rest}`
}
