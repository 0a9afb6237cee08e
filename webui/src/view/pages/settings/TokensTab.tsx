import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { PersonId, Token } from '../../../wire/types.gen.ts'
import { useClient, useDesk } from '../../context.ts'
import { Choose } from '../../parts/Choose.tsx'
import { Failed } from '../../parts/Failed.tsx'
import { Field } from '../../parts/Field.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { Snippet } from '../../parts/Snippet.tsx'
import { Past } from '../../parts/Past.tsx'
import { exact } from '../../../lib/time.ts'
import { useLoad } from '../../parts/useLoad.ts'
import { useSubmit } from '../../parts/useSubmit.ts'
import { Wrong } from '../Gate.tsx'
import { Section } from '../Page.tsx'

/** TokensTab makes tokens for scripts that act as their owner, and revokes them. */
export function TokensTab(): JSX.Element {
  const { api } = useClient()
  const tokens = useLoad(() => api.tokens.list())
  return (
    <div class="sections">
      <Section title="Access tokens" hint="For scripts and the command line: whoever holds one may do what you may do. A secret is shown once.">
        {tokens.value === undefined ? (
          tokens.wrong === undefined ? <Skeleton rows={2} /> : <Failed what={tokens.wrong} onRetry={() => void tokens.reload()} />
        ) : tokens.value.length === 0 ? (
          <p class="hint">You have none.</p>
        ) : (
          <ul class="entries">
            {tokens.value.map((token) => (
              <TokenRow key={token.id} token={token} onRevoked={() => void tokens.reload()} />
            ))}
          </ul>
        )}
      </Section>
      <MakeToken onMade={() => void tokens.reload()} />
    </div>
  )
}

function TokenRow(props: { readonly token: Token; readonly onRevoked: () => void }): JSX.Element {
  const { api } = useClient()
  const desk = useDesk()
  const { token } = props
  return (
    <li>
      <div>
        <strong>{token.name}</strong>
        <p class="hint">
          made <Past at={token.created} />, {token.lastUsed === undefined ? 'never used' : <>last used <Past at={token.lastUsed} /></>},{' '}
          {token.expires === undefined || token.expires === 0 ? 'never expires' : `expires ${exact(token.expires)}`}
        </p>
      </div>
      <button
        class="btn danger"
        type="button"
        onClick={() =>
          desk.ask({
            title: `Revoke “${token.name}”?`,
            text: 'What uses it stops working at once. It cannot be brought back.',
            button: 'Revoke',
            danger: true,
            run: async () => {
              await api.tokens.revoke(token.id)
              props.onRevoked()
            },
          })
        }
      >
        Revoke
      </button>
    </li>
  )
}

const lifetimes = [
  { value: '30', words: '30 days' },
  { value: '365', words: 'a year' },
  { value: '0', words: 'for ever' },
] as const

/** MakeToken makes a token, for oneself or for a bot, and shows its secret this once. */
export function MakeToken(props: { readonly person?: PersonId; readonly onMade: () => void }): JSX.Element {
  const { api } = useClient()
  const [name, setName] = useState('')
  const [days, setDays] = useState<'30' | '365' | '0'>('365')
  const [secret, setSecret] = useState<string>()
  const form = useSubmit(['name', 'days'])
  const submit = form.run(async () => {
    const made = await api.tokens.create({ name: name.trim(), ...(props.person === undefined ? {} : { person: props.person }), ...(days === '0' ? {} : { days: Number(days) }) })
    setSecret(made.secret)
    setName('')
    props.onMade()
  })
  return (
    <Section title="New token">
      {secret !== undefined && <TokenOnce secret={secret} />}
      <form class="form narrow" onSubmit={submit}>
        <div class="pair">
          <Field label="What for" wrong={form.wrong('name')}>
            {(id, note) => <input id={id} class="input" aria-describedby={note} required maxLength={80} placeholder="deploy script" value={name} onInput={(e) => setName(e.currentTarget.value)} />}
          </Field>
          <Choose label="Works" value={days} choices={lifetimes} onChange={(next) => setDays(next ?? days)} wrong={form.wrong('days')} />
        </div>
        <Wrong words={form.wrong()} />
        <div class="actions">
          <button class="btn primary" type="submit" disabled={form.busy || name.trim() === ''}>
            Make a token
          </button>
        </div>
      </form>
    </Section>
  )
}

function TokenOnce(props: { readonly secret: string }): JSX.Element {
  return (
    <div class="once" role="status">
      <p>
        <strong>Copy it now:</strong> the secret is shown this once.
      </p>
      <Snippet label="The token" text={props.secret} />
      <Snippet
        label="Using it"
        text={`export WATCHROOM_URL=${location.origin} WATCHROOM_TOKEN=${props.secret}\necho 'build 4711 is green' | watchroom post '#ops'\ncurl -H "Authorization: Bearer $WATCHROOM_TOKEN" "$WATCHROOM_URL/api/v1/me"`}
      />
    </div>
  )
}
