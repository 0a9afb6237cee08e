import type { ComponentChildren, JSX } from 'preact'
import { Snippet } from '../parts/Snippet.tsx'

/** Once shows a link or a secret that is shown this once, with a button that copies it. */
export function Once(props: { readonly label: string; readonly text: string; readonly children?: ComponentChildren }): JSX.Element {
  return (
    <div class="once" role="status">
      <p>
        <strong>Copy it now:</strong> it is shown this once. {props.children}
      </p>
      <Snippet label={props.label} text={props.text} />
    </div>
  )
}
