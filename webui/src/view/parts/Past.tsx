import type { JSX } from 'preact'
import { ago, exact, span } from '../../lib/time.ts'
import { useClient } from '../context.ts'

/** Past is how long ago a moment was, within a sentence: "just now", "12 s ago", "14:03". */
export function Past(props: { readonly at: number }): JSX.Element {
  const { store } = useClient()
  const past = store.now.value - props.at
  return (
    <time dateTime={new Date(props.at).toISOString()} title={exact(props.at)}>
      {past < 5_000 ? 'just now' : past < 3_600_000 ? `${span(past)} ago` : ago(props.at, store.now.value)}
    </time>
  )
}
