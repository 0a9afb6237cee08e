import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useClient } from '../../context.ts'
import { PasswordField, passwordMin } from '../../parts/PasswordField.tsx'
import { useSubmit } from '../../parts/useSubmit.ts'
import { Wrong } from '../Gate.tsx'

/** PasswordTab changes the password of whoever knows the present one. */
export function PasswordTab(): JSX.Element {
  const { api, actions, store } = useClient()
  const [old, setOld] = useState('')
  const [fresh, setFresh] = useState('')
  const form = useSubmit(['old', 'password', 'new'])
  const submit = form.run(async () => {
    await api.self.password(old, fresh)
    setOld('')
    setFresh('')
    actions.toast('The password is changed. Your other sessions have ended.')
  })
  return (
    <form class="form narrow" onSubmit={submit}>
      <input class="sr" type="text" autoComplete="username" readOnly tabIndex={-1} aria-hidden="true" value={store.me.value?.handle ?? ''} />
      <PasswordField label="Present password" value={old} onInput={setOld} wrong={form.wrong('old')} />
      <PasswordField label="New password" fresh value={fresh} onInput={setFresh} wrong={form.wrong('password') ?? form.wrong('new')} />
      <Wrong words={form.wrong()} />
      <div class="actions">
        <button class="btn primary" type="submit" disabled={form.busy || old === '' || [...fresh].length < passwordMin}>
          Change password
        </button>
      </div>
    </form>
  )
}
