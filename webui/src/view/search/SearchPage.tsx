import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { format } from '../../state/route.ts'
import { words } from '../../wire/http.ts'
import type { SearchHit } from '../../wire/rest.ts'
import type { Seq } from '../../wire/types.gen.ts'
import { useHands } from '../context.ts'
import { Failed } from '../parts/Failed.tsx'
import { Icon } from '../parts/Icon.tsx'
import { Skeleton } from '../parts/Skeleton.tsx'
import { Hit } from './Hit.tsx'
import './search.css'

/** A pause in typing after which is searched. */
const pause = 180

interface Found {
  readonly q: string
  readonly hits: readonly SearchHit[]
  readonly more: boolean
  readonly partial: boolean
}

/** SearchPage finds what was said, as one types. */
export function SearchPage(props: { readonly q: string }): JSX.Element {
  const box = useRef<HTMLInputElement>(null)
  const [query, setQuery] = useState(props.q)
  useEffect(() => box.current?.focus(), [])
  useEffect(() => setQuery(props.q), [props.q])
  const { found, wrong, busy, more, again } = useFound(query)
  useEffect(() => {
    if (query.trim() === props.q) return
    const timer = setTimeout(() => globalThis.location.replace(format({ page: 'search', q: query.trim() })), 2 * pause)
    return () => clearTimeout(timer)
  }, [query])
  return (
    <main class="main">
      <header class="head">
        <Icon name="search" />
        <h1 class="sr">Search</h1>
        <input
          class="input searchbox"
          type="search"
          aria-label="Search messages"
          placeholder="Search messages"
          ref={box}
          value={query}
          onInput={(e) => setQuery(e.currentTarget.value)}
        />
      </header>
      <div class="page">
        <div class="inner">
          {found?.partial === true && (
            <p class="notice high" role="status">
              Partial: the index is being built. More may be found in a while.
            </p>
          )}
          {wrong !== undefined && <Failed what={wrong} onRetry={again} />}
          {query.trim() === '' ? <Operators
              onPick={(operator) => {
                setQuery(operator)
                box.current?.focus()
              }}
            /> : found === undefined ? wrong === undefined && <Skeleton rows={6} label="Searching" /> : <Hits found={found} />}
          {found?.more === true && (
            <div class="actions">
              <button class="btn" type="button" disabled={busy} onClick={more}>
                Show older
              </button>
            </div>
          )}
        </div>
      </div>
    </main>
  )
}

function Hits(props: { readonly found: Found }): JSX.Element {
  const { found } = props
  if (found.hits.length === 0) {
    return (
      <div class="empty">
        <p>Nothing found for “{found.q}” in the rooms that you read.</p>
        <p class="hint">Fewer words find more. Operators narrow: from:@ana in:#ops before:2026-03-01 has:file</p>
      </div>
    )
  }
  return (
    <ul class="hits" aria-label="Found messages">
      {found.hits.map((hit) => (
        <Hit key={hit.message.id} hit={hit} />
      ))}
    </ul>
  )
}

const operators: readonly (readonly [string, string])[] = [
  ['"connection refused"', 'these words, in this order'],
  ['from:@ana', 'written by ana'],
  ['in:#ops', 'in a room'],
  ['after:2026-03-01', 'since a day'],
  ['before:2026-03-01', 'before a day'],
  ['has:file', 'with a file; also has:image, has:link, has:code'],
]

function Operators(props: { readonly onPick: (operator: string) => void }): JSX.Element {
  return (
    <div class="operators">
      <h2>Find what was said</h2>
      <p class="hint">Words are found in any order and in their other forms. These narrow it:</p>
      <dl>
        {operators.map(([operator, meaning]) => (
          <div key={operator}>
            <dt>
              <button class="btn quiet" type="button" onClick={() => props.onPick(operator + ' ')}>
                <code>{operator}</code>
              </button>
            </dt>
            <dd class="hint">{meaning}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

interface Finding {
  readonly found: Found | undefined
  readonly wrong: string | undefined
  readonly busy: boolean
  readonly more: () => void
  readonly again: () => void
}

/** Searches after a pause in typing; an answer to what was typed before is dropped. */
function useFound(query: string): Finding {
  const { client, desk } = useHands()
  const [found, setFound] = useState<Found>()
  const [wrong, setWrong] = useState<string>()
  const [busy, setBusy] = useState(false)
  const [round, setRound] = useState(0)
  const latest = useRef(0)
  const ask = (q: string, before: Seq | undefined, held: readonly SearchHit[]): void => {
    const mine = ++latest.current
    setBusy(true)
    client.api
      .search(q, before === undefined ? {} : { before })
      .then(
        (out) => {
          if (mine !== latest.current) return
          setFound({ q, hits: [...held, ...out.hits], more: out.more, partial: out.partial })
          setWrong(undefined)
          if (out.hits.length > 0) desk.tick('search')
        },
        (error: unknown) => {
          if (mine === latest.current) setWrong(words(error))
        },
      )
      .finally(() => {
        if (mine === latest.current) setBusy(false)
      })
  }
  useEffect(() => {
    const q = query.trim()
    latest.current++
    if (q === '') {
      setFound(undefined)
      setWrong(undefined)
      return
    }
    const timer = setTimeout(() => ask(q, undefined, []), pause)
    return () => clearTimeout(timer)
  }, [query, round])
  const more = (): void => {
    const last = found?.hits.at(-1)
    if (found !== undefined && last !== undefined) ask(found.q, last.message.id, found.hits)
  }
  return { found, wrong, busy, more, again: () => setRound(round + 1) }
}
