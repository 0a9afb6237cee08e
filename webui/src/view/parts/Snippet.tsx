import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Icon } from './Icon.tsx'

/** Snippet is text to paste elsewhere, with a button that copies it. */
export function Snippet(props: { readonly text: string; readonly label: string }): JSX.Element {
  const [copied, setCopied] = useState(false)
  return (
    <div class="snippet">
      <pre aria-label={props.label} tabIndex={0}>
        {props.text}
      </pre>
      <button
        class="btn quiet copy"
        type="button"
        onClick={() => {
          void navigator.clipboard.writeText(props.text).then(() => setCopied(true))
        }}
      >
        <Icon name={copied ? 'check' : 'copy'} />
        {copied ? 'Copied' : 'Copy'}
      </button>
    </div>
  )
}
