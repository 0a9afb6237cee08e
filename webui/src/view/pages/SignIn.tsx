import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useClient } from '../context.ts'
import { PasswordField } from '../parts/PasswordField.tsx'
import { useSubmit } from '../parts/useSubmit.ts'
import { Gate, Wrong } from './Gate.tsx'
import { HandleField } from './Joining.tsx'

/** SignIn asks who is there. The address stays, so that a link leads on afterwards. */
export function SignIn(): JSX.Element {
  const { session } = useClient()
  const [handle, setHandle] = useState('')
  const [password, setPassword] = useState('')
  const form = useSubmit(['handle', 'password'])
  return (
    <Gate title="Sign in">
      <form class="form" onSubmit={form.run(() => session.signIn({ handle: handle.trim().replace(/^@/, ''), password }))}>
        <HandleField value={handle} onInput={setHandle} wrong={form.wrong('handle')} autoFocus known />
        <PasswordField label="Password" value={password} onInput={setPassword} wrong={form.wrong('password')} />
        <Wrong words={form.wrong()} />
        <button class="btn primary large" type="submit" disabled={form.busy || handle.trim() === '' || password === ''}>
          {form.busy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
      <p class="hint">No account, or the password is lost? An administrator makes you a link that lets you in.</p>
    </Gate>
  )
}
