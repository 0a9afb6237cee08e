import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Line } from '../../state/core.ts'
import { words } from '../../wire/http.ts'
import { useHands } from '../context.ts'
import { grow } from './grow.ts'

/** EditBox changes the text of one's own message in its place. Nothing in it ever runs as a command. */
export function EditBox(props: { readonly line: Line }): JSX.Element {
  const { line } = props
  const { client, desk } = useHands()
  const ref = useRef<HTMLTextAreaElement>(null)
  const [text, setText] = useState(line.text)
  const [wrong, setWrong] = useState<string>()
  useEffect(() => {
    const area = ref.current
    if (area === null) return
    area.focus()
    area.setSelectionRange(area.value.length, area.value.length)
    grow(area)
  }, [])
  const save = async (): Promise<void> => {
    if (text.trim() === '') {
      setWrong('An empty message is deleted with its own button.')
      return
    }
    try {
      if (text !== line.text) await client.actions.edit(line.id, text)
      desk.edit(undefined)
    } catch (error) {
      setWrong(words(error))
    }
  }
  return (
    <div class="editbox">
      <textarea
        ref={ref}
        class="area"
        aria-label="Edit message"
        value={text}
        onInput={(e) => {
          setText(e.currentTarget.value)
          grow(e.currentTarget)
        }}
        onKeyDown={(e) => {
          if (e.key === 'Escape') {
            e.preventDefault()
            desk.edit(undefined)
          } else if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) {
            e.preventDefault()
            void save()
          }
        }}
      />
      {wrong !== undefined && (
        <p class="wrong" role="alert">
          {wrong}
        </p>
      )}
      <div class="actions">
        <button class="btn primary" type="button" onClick={() => void save()}>
          Save
        </button>
        <button class="btn" type="button" onClick={() => desk.edit(undefined)}>
          Cancel
        </button>
      </div>
    </div>
  )
}
