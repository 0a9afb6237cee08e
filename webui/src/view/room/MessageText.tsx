import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { fold } from '../../lib/text.ts'
import { Markdown } from '../parts/Markdown.tsx'

/** MessageText is what somebody wrote; a long one is folded until somebody asks for all of it. */
export function MessageText(props: { readonly text: string }): JSX.Element {
  const [open, setOpen] = useState(false)
  const folded = fold(props.text)
  if (folded === undefined) {
    return <Markdown text={props.text} />
  }
  const lines = props.text.split('\n').length
  return (
    <div>
      <Markdown text={open ? props.text : folded.head} />
      <button class="btn quiet unfold" type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? 'Show less' : `Show all ${lines} lines`}
      </button>
    </div>
  )
}
