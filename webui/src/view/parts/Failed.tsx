import type { JSX } from 'preact'

/** Failed says what did not load, and tries again. */
export function Failed(props: { readonly what: string; readonly onRetry: () => void }): JSX.Element {
  return (
    <div class="notice high" role="alert">
      <span class="grow">{props.what}</span>
      <button class="btn" type="button" onClick={props.onRetry}>
        Try again
      </button>
    </div>
  )
}
