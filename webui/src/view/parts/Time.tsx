import type { JSX } from 'preact'
import { ago, clock, exact, span } from '../../lib/time.ts'
import { useClient } from '../context.ts'

/** Clock is the time of day of a moment, with the whole of it on hover. */
export function Clock(props: { readonly at: number; readonly class?: string }): JSX.Element {
  return (
    <time class={props.class} dateTime={new Date(props.at).toISOString()} title={exact(props.at)}>
      {clock(props.at)}
    </time>
  )
}

/** Ago is how long ago a moment was, kept current, with the exact one on hover. */
export function Ago(props: { readonly at: number; readonly class?: string }): JSX.Element {
  const { store } = useClient()
  return (
    <time class={props.class} dateTime={new Date(props.at).toISOString()} title={exact(props.at)}>
      {ago(props.at, store.now.value)}
    </time>
  )
}

/** Span is how long something has lasted since a moment, kept current. */
export function Span(props: { readonly since: number; readonly class?: string }): JSX.Element {
  const { store } = useClient()
  return (
    <time class={props.class} title={exact(props.since)}>
      {span(store.now.value - props.since)}
    </time>
  )
}
