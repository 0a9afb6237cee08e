import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { format } from '../../state/route.ts'
import { useClient } from '../context.ts'
import { PasswordField, passwordMin } from '../parts/PasswordField.tsx'
import { useSubmit } from '../parts/useSubmit.ts'
import { Gate, Wrong } from './Gate.tsx'

/** Reset sets a password by a one-time link. */
export function Reset(props: { readonly secret: string }): JSX.Element {
  const { session } = useClient()
  const [password, setPassword] = useState('')
  const [done, setDone] = useState(false)
  const form = useSubmit(['password'])
  if (done) {
    return (
      <Gate title="The password is set" lead="Every other session of this account has ended.">
        <a class="btn primary large" href={format({ page: 'home' })}>
          Sign in
        </a>
      </Gate>
    )
  }
  const submit = form.run(async () => {
    await session.reset({ secret: props.secret, password })
    setDone(true)
  })
  return (
    <Gate title="Set your password" lead="The link works once.">
      <form class="form" onSubmit={submit}>
        <PasswordField label="New password" fresh autoFocus value={password} onInput={setPassword} wrong={form.wrong('password')} />
        <Wrong words={form.wrong()} />
        <button class="btn primary large" type="submit" disabled={form.busy || [...password].length < passwordMin}>
          {form.busy ? 'Setting it…' : 'Set password'}
        </button>
      </form>
    </Gate>
  )
}
