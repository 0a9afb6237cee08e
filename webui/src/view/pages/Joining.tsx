import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Field } from '../parts/Field.tsx'
import { PasswordField, passwordMin } from '../parts/PasswordField.tsx'
import type { Submit } from '../parts/useSubmit.ts'

/** What makes an account. */
export interface Account {
  readonly name: string
  readonly handle: string
  readonly password: string
}

/** A handle that is made of a name: "Ana María" gives "ana". */
export function handleOf(name: string): string {
  const first = name.trim().split(/\s+/)[0] ?? ''
  return first
    .normalize('NFD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]/g, '')
    .replace(/^[._-]+/, '')
    .slice(0, 32)
}

/** useAccount keeps what is typed; the handle follows the name until it is typed itself. */
export function useAccount(): { readonly account: Account; readonly set: (part: Partial<Account>) => void; readonly complete: boolean } {
  const [account, setAccount] = useState<Account>({ name: '', handle: '', password: '' })
  const [own, setOwn] = useState(false)
  return {
    account,
    set: (part) => {
      if (part.handle !== undefined) setOwn(true)
      const follows = part.name !== undefined && !own ? { handle: handleOf(part.name) } : {}
      setAccount({ ...account, ...follows, ...part })
    },
    complete: account.name.trim() !== '' && account.handle !== '' && [...account.password].length >= passwordMin,
  }
}

/** AccountFields ask for a name, a handle and a password. */
export function AccountFields(props: { readonly account: Account; readonly set: (part: Partial<Account>) => void; readonly form: Submit }): JSX.Element {
  const { account, set, form } = props
  return (
    <>
      <Field label="Your name" wrong={form.wrong('name')}>
        {(id, note) => (
          <input
            id={id}
            class="input"
            aria-describedby={note}
            aria-invalid={form.wrong('name') !== undefined}
            required
            maxLength={80}
            autoComplete="name"
            autoFocus
            value={account.name}
            onInput={(e) => set({ name: e.currentTarget.value })}
          />
        )}
      </Field>
      <HandleField value={account.handle} onInput={(handle) => set({ handle })} wrong={form.wrong('handle')} />
      <PasswordField label="Password" fresh value={account.password} onInput={(password) => set({ password })} wrong={form.wrong('password')} />
    </>
  )
}

/** HandleField takes what follows the @. */
export function HandleField(props: {
  readonly value: string
  readonly onInput: (value: string) => void
  readonly wrong: string | undefined
  readonly autoFocus?: boolean
  readonly known?: boolean
}): JSX.Element {
  return (
    <Field label="Handle" wrong={props.wrong} hint={props.known === true ? undefined : 'What follows the @ when somebody names you. Small letters, digits, . _ -'}>
      {(id, note) => (
        <input
          id={id}
          class="input"
          aria-describedby={note}
          aria-invalid={props.wrong !== undefined}
          required
          maxLength={33}
          autoComplete="username"
          autoCapitalize="none"
          spellcheck={false}
          autoFocus={props.autoFocus === true}
          value={props.value}
          onInput={(e) => props.onInput(e.currentTarget.value.toLowerCase())}
        />
      )}
    </Field>
  )
}
