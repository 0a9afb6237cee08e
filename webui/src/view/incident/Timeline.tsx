import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { dayTitle, exact, sameDay } from '../../lib/time.ts'
import type { Entry } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'

const shown = 12 // entries before somebody asks for all

/** Timeline is everything that happened to an incident, in words, the newest last. */
export function Timeline(props: { readonly entries: readonly Entry[] }): JSX.Element {
  const { store } = useClient()
  const [all, setAll] = useState(false)
  const { entries } = props
  const hidden = all ? 0 : Math.max(0, entries.length - shown)
  const now = store.now.value
  const visible = entries.slice(hidden)
  return (
    <>
      {hidden > 0 && (
        <button class="btn quiet" type="button" onClick={() => setAll(true)}>
          Show {hidden} earlier
        </button>
      )}
      <ol class="trail">
        {visible.map((entry, i) => {
          const before = visible[i - 1]
          const fresh = before === undefined ? !sameDay(entry.time, now) : !sameDay(before.time, entry.time)
          return (
            <li key={entry.n} class={`k-${entry.kind}`}>
              {fresh && <span class="trail-day">{dayTitle(entry.time, now)}</span>}
              <Moment at={entry.time} />
              <span class={entry.kind === 'failed' ? 'tone-crit' : ''}>{entry.text}</span>
            </li>
          )
        })}
      </ol>
    </>
  )
}

const seconds = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })

function Moment(props: { readonly at: number }): JSX.Element {
  return (
    <time class="num" dateTime={new Date(props.at).toISOString()} title={exact(props.at)}>
      {seconds.format(props.at)}
    </time>
  )
}
