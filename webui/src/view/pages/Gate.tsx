import type { ComponentChildren, JSX } from 'preact'

/** Gate is a card in the middle of the window, for whoever is not signed in. */
export function Gate(props: { readonly title: string; readonly lead?: ComponentChildren; readonly children?: ComponentChildren }): JSX.Element {
  return (
    <main class="gate">
      <div class="gate-card">
        <p class="brand">
          <svg width="20" height="20" viewBox="0 0 16 16" aria-hidden="true">
            <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" fill="currentColor" />
          </svg>
          Watchroom
        </p>
        <h1>{props.title}</h1>
        {props.lead !== undefined && <p class="lead">{props.lead}</p>}
        {props.children}
      </div>
    </main>
  )
}

/** What is wrong with no field in particular. */
export function Wrong(props: { readonly words: string | undefined }): JSX.Element | null {
  return props.words === undefined ? null : (
    <p class="wrong" role="alert">
      {props.words}
    </p>
  )
}
