import { type ReadonlySignal, useComputed, useSignal } from '@preact/signals'
import { accept, type Completion, complete, type Option } from './complete.ts'
import { useSources } from './sources.ts'

/** What is offered at the caret, and how one of it is taken. */
export interface Completions {
  readonly now: ReadonlySignal<Completion | undefined>
  /** which option a key would take */
  readonly at: ReadonlySignal<number>
  /** follows the caret; without one nothing is offered */
  readonly follow: (caret: number | undefined) => void
  readonly pick: (option: Option) => void
  /** whether a key was one of choosing, and is done with */
  readonly key: (e: KeyboardEvent) => boolean
}

/** useCompletions completes a text as it is written; write takes the text with an option in its place. */
export function useCompletions(text: ReadonlySignal<string>, write: (text: string, caret: number) => void): Completions {
  const caret = useSignal<number | undefined>(undefined)
  const at = useSignal(0)
  const sources = useSources()
  const now = useComputed(() => (caret.value === undefined ? undefined : complete(text.value, caret.value, sources())))
  const pick = (option: Option): void => {
    const completion = now.peek()
    if (completion === undefined) return
    const next = accept(text.peek(), completion, option)
    write(next.text, next.caret)
  }
  const key = (e: KeyboardEvent): boolean => {
    const completion = now.peek()
    const options = completion?.options ?? []
    const chosen = options[at.peek()] ?? options[0]
    if (completion === undefined || chosen === undefined) return false
    const written = text.peek().slice(completion.from, completion.to) === chosen.insert.trim()
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      at.value = (at.peek() + (e.key === 'ArrowDown' ? 1 : options.length - 1)) % options.length
    } else if (e.key === 'Escape') {
      caret.value = undefined
    } else if (e.key === 'Tab' || (e.key === 'Enter' && !e.shiftKey && !written)) {
      pick(chosen)
    } else {
      return false
    }
    e.preventDefault()
    return true
  }
  return {
    now,
    at,
    follow: (place) => {
      caret.value = place
      at.value = 0
    },
    pick,
    key,
  }
}
