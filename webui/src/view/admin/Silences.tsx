import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { exact, until } from '../../lib/time.ts'
import { format } from '../../state/route.ts'
import type { Duration } from '../../wire/rest.ts'
import type { Silence } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { Wrong } from '../pages/Gate.tsx'
import { Section } from '../pages/Page.tsx'
import { Choose } from '../parts/Choose.tsx'
import { DoButton } from '../parts/DoButton.tsx'
import { Failed } from '../parts/Failed.tsx'
import { Field } from '../parts/Field.tsx'
import { Skeleton } from '../parts/Skeleton.tsx'
import { Past } from '../parts/Past.tsx'
import { useList } from '../parts/useList.ts'
import { useSubmit } from '../parts/useSubmit.ts'
import { readMatch, writeMatch } from './match.ts'

/** Silences keep matching alerts from ringing. They are still shown. */
export function Silences(): JSX.Element {
  const { store, lists } = useClient()
  const { wrong, retry } = useList(() => lists.silences(), [lists])
  const now = store.now.value
  const silences = store.silences.value
  const active = [...(silences?.values() ?? [])].filter((one) => one.ended === undefined && (one.until === -1 || one.until > now))
  return (
    <div class="sections">
      <Section title="In force" hint="What is silenced rings nobody; it is still shown in its room and among the incidents.">
        {silences === undefined ? (
          wrong === undefined ? <Skeleton rows={2} /> : <Failed what={wrong} onRetry={retry} />
        ) : active.length === 0 ? (
          <p class="hint">Nothing is silenced.</p>
        ) : (
          <ul class="entries">
            {active.map((silence) => (
              <SilenceRow key={silence.id} silence={silence} now={now} />
            ))}
          </ul>
        )}
      </Section>
      <AddSilence />
    </div>
  )
}

function SilenceRow(props: { readonly silence: Silence; readonly now: number }): JSX.Element {
  const { api, derived, actions } = useClient()
  const { silence, now } = props
  return (
    <li>
      <div>
        {silence.incident === undefined ? <strong class="mono">{writeMatch(silence.match ?? {})}</strong> : <a href={format({ page: 'incident', incident: silence.incident })}>Incident {silence.incident}</a>}
        <p class="hint">
          {silence.until === -1 ? 'until resolved' : <span title={exact(silence.until)}>ends {until(silence.until, now)}</span>}, by {derived.personName(silence.by)} <Past at={silence.created} />
          {silence.why !== undefined && silence.why !== '' && `: ${silence.why}`}
        </p>
      </div>
      <DoButton
        run={async () => {
          await api.silences.end(silence.id)
          actions.toast('The silence has ended. What still fires rings now.')
        }}
      >
        End now
      </DoButton>
    </li>
  )
}

const lengths: readonly { readonly value: string; readonly words: string; readonly length: Duration }[] = [
  { value: '30', words: '30 minutes', length: { minutes: 30 } },
  { value: '120', words: '2 hours', length: { minutes: 120 } },
  { value: '480', words: '8 hours', length: { minutes: 480 } },
  { value: '1440', words: 'a day', length: { minutes: 1440 } },
  { value: '10080', words: 'a week', length: { minutes: 10080 } },
  { value: 'resolved', words: 'until resolved', length: { untilResolved: true } },
]

function AddSilence(): JSX.Element {
  const { api } = useClient()
  const [text, setText] = useState('')
  const [length, setLength] = useState('120')
  const [why, setWhy] = useState('')
  const form = useSubmit(['match', 'why'])
  const read = readMatch(text)
  const submit = form.run(async () => {
    const span = lengths.find((one) => one.value === length)?.length
    if (!('match' in read) || span === undefined) return
    await api.silences.create({ match: read.match, ...(why.trim() === '' ? {} : { why: why.trim() }), ...span })
    setText('')
    setWhy('')
  })
  return (
    <Section title="Silence alerts">
      <form class="form narrow" onSubmit={submit}>
        <Field
          label="Labels"
          hint="All of them must match. /…/ is a regular expression for the whole value: instance=/web-.+/"
          wrong={form.wrong('match') ?? (text.trim() !== '' && 'wrong' in read ? read.wrong : undefined)}
        >
          {(id, note) => (
            <input id={id} class="input mono" aria-describedby={note} required autoCapitalize="none" spellcheck={false} placeholder="service=checkout severity=critical" value={text} onInput={(e) => setText(e.currentTarget.value)} />
          )}
        </Field>
        <div class="pair">
          <Choose label="For" value={length} choices={lengths} onChange={(next) => setLength(next ?? length)} />
          <Field label="Why" wrong={form.wrong('why')}>
            {(id, note) => <input id={id} class="input" aria-describedby={note} maxLength={200} placeholder="maintenance of the database" value={why} onInput={(e) => setWhy(e.currentTarget.value)} />}
          </Field>
        </div>
        <Wrong words={form.wrong()} />
        <div class="actions">
          <button class="btn primary" type="submit" disabled={form.busy || !('match' in read)}>
            Silence
          </button>
        </div>
      </form>
    </Section>
  )
}
