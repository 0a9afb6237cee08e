import type { JSX } from 'preact'
import type { Completion, Option } from './complete.ts'

/** Completions is what may be meant at the caret, above the composer. */
export function Completions(props: { readonly id: string; readonly completion: Completion; readonly at: number; readonly onPick: (option: Option) => void }): JSX.Element {
  const { id, completion, at, onPick } = props
  return (
    <div class="menu completions">
      {completion.usage !== undefined && (
        <p class="usage">
          <code>{completion.usage.usage}</code> <span class="hint">{completion.usage.help}</span>
        </p>
      )}
      {completion.options.length > 0 && (
        <ul id={id} role="listbox" aria-label="Completions">
          {completion.options.map((option, i) => (
            <li
              key={option.insert}
              id={`${id}-${i}`}
              class="item"
              role="option"
              aria-selected={i === at}
              onPointerDown={(e) => {
                e.preventDefault()
                onPick(option)
              }}
            >
              <span class="name">{option.insert.trim()}</span>
              <span class="hint">{option.hint ?? option.name}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
