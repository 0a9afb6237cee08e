import type { JSX } from 'preact'
import { exact } from '../../lib/time.ts'
import { format } from '../../state/route.ts'
import { useClient } from '../context.ts'
import { Failed } from '../parts/Failed.tsx'
import { Skeleton } from '../parts/Skeleton.tsx'
import { useLoad } from '../parts/useLoad.ts'
import { useSubmit } from '../parts/useSubmit.ts'
import { Gate, Wrong } from './Gate.tsx'
import { AccountFields, useAccount } from './Joining.tsx'
import { roleWords } from './roles.ts'

/** Invite says who invites to what, and makes the account. */
export function Invite(props: { readonly secret: string }): JSX.Element {
  const { api } = useClient()
  const peek = useLoad(() => api.invites.peek(props.secret), [props.secret])
  if (peek.value === undefined) {
    return (
      <Gate title="Invitation">
        {peek.wrong === undefined ? <Skeleton rows={3} /> : <Failed what={peek.wrong} onRetry={() => void peek.reload()} />}
        {peek.wrong !== undefined && (
          <p>
            <a href={format({ page: 'home' })}>Sign in with the account that you have</a>
          </p>
        )}
      </Gate>
    )
  }
  const { by, role, team, expires } = peek.value
  return (
    <Gate
      title={`Join ${team || 'Watchroom'}`}
      lead={
        <>
          {by} invites you as {roleWords(role)}. The link works once, until <time dateTime={new Date(expires).toISOString()}>{exact(expires)}</time>.
        </>
      }
    >
      <Accept secret={props.secret} />
    </Gate>
  )
}

function Accept(props: { readonly secret: string }): JSX.Element {
  const { session, actions } = useClient()
  const { account, set, complete } = useAccount()
  const form = useSubmit(['name', 'handle', 'password'])
  const submit = form.run(async () => {
    await session.accept({ secret: props.secret, handle: account.handle, name: account.name.trim(), password: account.password })
    actions.go({ page: 'home' })
  })
  return (
    <form class="form" onSubmit={submit}>
      <AccountFields account={account} set={set} form={form} />
      <Wrong words={form.wrong()} />
      <button class="btn primary large" type="submit" disabled={form.busy || !complete}>
        {form.busy ? 'Joining…' : 'Join'}
      </button>
    </form>
  )
}
