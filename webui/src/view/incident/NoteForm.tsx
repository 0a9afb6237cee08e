import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { IncidentId } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { useSubmit } from '../parts/useSubmit.ts'

/** NoteForm adds a line of one's own to the timeline. */
export function NoteForm(props: { readonly n: IncidentId }): JSX.Element {
  const { actions } = useClient()
  const [text, setText] = useState('')
  const form = useSubmit()
  const submit = form.run(async () => {
    await actions.note(props.n, text.trim())
    setText('')
  })
  return (
    <form class="note-form" onSubmit={submit}>
      <label class="sr" for={`note-${props.n}`}>
        Note for the timeline
      </label>
      <input id={`note-${props.n}`} class="input" placeholder="Note for the timeline" maxLength={2000} value={text} onInput={(e) => setText(e.currentTarget.value)} />
      <button class="btn" type="submit" disabled={form.busy || text.trim() === ''}>
        Note
      </button>
      {form.wrong() !== undefined && (
        <p class="wrong" role="alert">
          {form.wrong()}
        </p>
      )}
    </form>
  )
}
