import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import { words } from '../../wire/http.ts'
import { useClient } from '../context.ts'
import { sentence } from './sentence.ts'

/** DoButton does one thing at a time; what went wrong is said in a toast. */
export function DoButton(props: {
  readonly run: () => Promise<unknown> | void
  readonly children: ComponentChildren
  readonly class?: string
  readonly label?: string
  readonly disabled?: boolean
  readonly expanded?: boolean
}): JSX.Element {
  const { actions } = useClient()
  const [busy, setBusy] = useState(false)
  const go = async (): Promise<void> => {
    setBusy(true)
    try {
      await props.run()
    } catch (error) {
      actions.toast(sentence(words(error)), 'error')
    } finally {
      setBusy(false)
    }
  }
  return (
    <button
      class={`btn ${props.class ?? ''}`}
      type="button"
      disabled={busy || props.disabled === true}
      aria-label={props.label}
      title={props.label}
      aria-expanded={props.expanded}
      onClick={() => void go()}
    >
      {props.children}
    </button>
  )
}
