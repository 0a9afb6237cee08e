import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useClient } from '../context.ts'
import { Field } from '../parts/Field.tsx'
import { useSubmit } from '../parts/useSubmit.ts'
import { Gate, Wrong } from './Gate.tsx'
import { AccountFields, useAccount } from './Joining.tsx'

/** Claim makes the owner of this server, by the one-time link that it printed. */
export function Claim(props: { readonly secret: string }): JSX.Element {
  const { session, actions } = useClient()
  const { account, set, complete } = useAccount()
  const [team, setTeam] = useState('')
  const form = useSubmit(['name', 'handle', 'password', 'team'])
  const submit = form.run(async () => {
    const named = team.trim() === '' ? {} : { team: team.trim() }
    await session.claim({ secret: props.secret, handle: account.handle, name: account.name.trim(), password: account.password, ...named })
    actions.go({ page: 'home' })
  })
  return (
    <Gate title="Make this server yours" lead="You become its owner: you invite the others and decide who is on call. The link works once.">
      <form class="form" onSubmit={submit}>
        <AccountFields account={account} set={set} form={form} />
        <Field label="Team" wrong={form.wrong('team')} hint="What you all are called; it stands above the rooms. It can be changed later.">
          {(id, note) => (
            <input id={id} class="input" aria-describedby={note} maxLength={80} autoComplete="organization" value={team} onInput={(e) => setTeam(e.currentTarget.value)} />
          )}
        </Field>
        <Wrong words={form.wrong()} />
        <button class="btn primary large" type="submit" disabled={form.busy || !complete}>
          {form.busy ? 'Making your account…' : 'Become the owner'}
        </button>
      </form>
      {form.wrong() !== undefined && (
        <p class="hint">
          A fresh link: run <code>watchroom owner-link</code> on the server.
        </p>
      )}
    </Gate>
  )
}
