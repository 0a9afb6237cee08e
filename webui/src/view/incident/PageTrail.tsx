import type { JSX } from 'preact'
import { exact } from '../../lib/time.ts'
import type { IncidentId } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { Failed } from '../parts/Failed.tsx'
import { Skeleton } from '../parts/Skeleton.tsx'
import { useList } from '../parts/useList.ts'
import { took } from './words.ts'

/** PageTrail tells in words what happened to a page since it was opened, each step with how long after the opening it came. */
export function PageTrail(props: { readonly incident: IncidentId }): JSX.Element {
  const { store, lists } = useClient()
  const { wrong, retry } = useList(() => lists.incident(props.incident), [lists, props.incident])
  const incident = store.incident(props.incident).value
  const parts = store.detail(props.incident).value
  if (parts === undefined && wrong !== undefined) {
    return <Failed what={wrong} onRetry={retry} />
  }
  if (parts === undefined) {
    return <Skeleton rows={3} label="Loading the trail" />
  }
  const from = incident?.opened ?? parts.timeline[0]?.time ?? 0
  return (
    <ol class="trail" aria-label={`Trail of incident ${props.incident}`}>
      {parts.timeline.map((entry) => (
        <li key={entry.n}>
          <time class="num" dateTime={new Date(entry.time).toISOString()} title={exact(entry.time)}>
            {took(entry.time - from)}
          </time>
          <span>{entry.text}</span>
        </li>
      ))}
    </ol>
  )
}
