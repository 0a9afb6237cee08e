import type { JSX, TargetedInputEvent } from 'preact'
import { useState } from 'preact/hooks'
import { plural } from '../../lib/text.ts'
import { Field } from './Field.tsx'

/** The shortest password that the server takes. */
export const passwordMin = 12

/** PasswordField takes a password and can show it. A fresh one says as it is typed whether it is long enough. */
export function PasswordField(props: {
  readonly label: string
  readonly value: string
  readonly onInput: (value: string) => void
  readonly wrong: string | undefined
  readonly fresh?: boolean
  readonly autoFocus?: boolean
}): JSX.Element {
  const [open, setOpen] = useState(false)
  const fresh = props.fresh === true
  const attributes = (id: string, note: string) => ({
    id,
    class: 'input',
    'aria-describedby': note,
    'aria-invalid': props.wrong !== undefined,
    required: true,
    autoComplete: fresh ? 'new-password' as const : 'current-password' as const,
    autoCapitalize: 'none' as const,
    spellcheck: false,
    autoFocus: props.autoFocus === true,
    value: props.value,
    onInput: (e: TargetedInputEvent<HTMLInputElement>) => props.onInput(e.currentTarget.value),
  })
  return (
    <Field label={props.label} wrong={props.wrong} hint={fresh ? <Length value={props.value} /> : undefined}>
      {(id, note) => (
        <div class="with-button">
          {open ? <input {...attributes(id, note)} type="text" /> : <input {...attributes(id, note)} type="password" />}
          <button class="btn" type="button" aria-pressed={open} aria-label="Show the password" onClick={() => setOpen(!open)}>
            {open ? 'Hide' : 'Show'}
          </button>
        </div>
      )}
    </Field>
  )
}

function Length(props: { readonly value: string }): JSX.Element {
  const left = passwordMin - [...props.value].length
  if (props.value === '') {
    return <>At least {passwordMin} characters. A few words in a row are easiest to keep.</>
  }
  return left > 0 ? <>{plural(left, 'character')} to go</> : <span class="tone-ok">Long enough</span>
}
