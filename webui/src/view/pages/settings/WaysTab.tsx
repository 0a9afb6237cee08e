import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Way, WayKind } from '../../../wire/types.gen.ts'
import { words } from '../../../wire/http.ts'
import { useClient } from '../../context.ts'
import { Select } from '../../parts/Choose.tsx'
import { DoButton } from '../../parts/DoButton.tsx'
import { Failed } from '../../parts/Failed.tsx'
import { IconButton } from '../../parts/IconButton.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { moved } from '../../oncall/Ordered.tsx'
import { useLoad } from '../../parts/useLoad.ts'
import { useSubmit } from '../../parts/useSubmit.ts'
import { Wrong } from '../Gate.tsx'
import { Section } from '../Page.tsx'

type Outward = Exclude<WayKind, 'browser'>

const kinds = [
  { value: 'ntfy', words: 'ntfy' },
  { value: 'mail', words: 'Mail' },
] as const

const examples: Readonly<Record<Outward, string>> = { ntfy: 'https://ntfy.sh/a-topic-nobody-guesses', mail: 'ann@example.org' }

/** WaysTab lists how somebody is reached when no browser plays, in the order in which it is tried. */
export function WaysTab(): JSX.Element {
  const { api } = useClient()
  const ways = useLoad(() => api.self.ways())
  if (ways.value === undefined) {
    return ways.wrong === undefined ? <Skeleton rows={3} /> : <Failed what={ways.wrong} onRetry={() => void ways.reload()} />
  }
  return <Ways ways={ways.value.filter((way) => way.kind !== 'browser')} onSaved={ways.put} />
}

function Ways(props: { readonly ways: readonly Way[]; readonly onSaved: (ways: readonly Way[]) => void }): JSX.Element {
  const { api, actions } = useClient()
  const { ways } = props
  const save = async (next: readonly Way[]): Promise<void> => props.onSaved(await api.self.setWays(next))
  return (
    <div class="sections">
      <Section
        title="Ways to reach you"
        hint="Your armed browsers ring first. When none of them plays within 3 seconds these follow at once, in this order, and repeat until somebody acknowledges."
      >
        {ways.length === 0 ? (
          <p class="notice high">No way is set: when no browser of yours rings, you are not reached at all.</p>
        ) : (
          <ol class="entries">
            {ways.map((way, i) => (
              <li key={`${way.kind} ${way.address}`}>
                <div>
                  <strong>{way.kind === 'ntfy' ? 'ntfy' : 'Mail'}</strong> <span class="mono">{way.address}</span>
                </div>
                <div class="actions">
                  <DoButton
                    run={async () => {
                      await api.self.testWay(i)
                      actions.toast(`A test is on its way by ${way.kind}. Did it arrive?`)
                    }}
                  >
                    Send a test
                  </DoButton>
                  {i > 0 && <IconButton icon="arrowUp" label={`Try ${way.address} earlier`} onClick={() => void save(moved(ways, i, -1)).catch((error: unknown) => actions.toast(words(error), 'error'))} />}
                  <IconButton icon="trash" label={`Remove ${way.address}`} onClick={() => void save(ways.filter((_, other) => other !== i)).catch((error: unknown) => actions.toast(words(error), 'error'))} />
                </div>
              </li>
            ))}
          </ol>
        )}
      </Section>
      <AddWay onAdd={(way) => save([...ways, way])} />
    </div>
  )
}

function AddWay(props: { readonly onAdd: (way: Way) => Promise<void> }): JSX.Element {
  const [kind, setKind] = useState<Outward>('ntfy')
  const [address, setAddress] = useState('')
  const form = useSubmit(['address', 'kind'])
  const submit = form.run(async () => {
    await props.onAdd({ kind, address: address.trim() })
    setAddress('')
  })
  return (
    <Section title="Add a way">
      <form class="form narrow" onSubmit={submit}>
        <div class="kind-and-address">
          <Select label="Kind of way" value={kind} choices={kinds} onChange={(next) => setKind(next ?? kind)} />
          <input
            class="input"
            type="text"
            inputMode={kind === 'mail' ? 'email' : 'url'}
            autoCapitalize="none"
            spellcheck={false}
            aria-label={kind === 'mail' ? 'Mail address' : 'Whole URL of the topic'}
            aria-invalid={form.wrong('address') !== undefined}
            required
            placeholder={examples[kind]}
            value={address}
            onInput={(e) => setAddress(e.currentTarget.value)}
          />
          <button class="btn" type="submit" disabled={form.busy || address.trim() === ''}>
            Add
          </button>
        </div>
        <Wrong words={form.wrong('address') ?? form.wrong('kind') ?? form.wrong()} />
        <p class="hint">
          {kind === 'ntfy'
            ? 'Install the ntfy app, subscribe to a topic with a name that nobody guesses, and paste its whole URL here. Whoever knows the topic can read your pages.'
            : 'Mail is slow and easily missed; use it beside ntfy, not instead of it.'}
        </p>
      </form>
    </Section>
  )
}
