import type { JSX } from 'preact'
import type { CheckState } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { Failed } from '../parts/Failed.tsx'
import { SeverityWord, type Tone } from '../parts/Severity.tsx'
import { Skeleton } from '../parts/Skeleton.tsx'
import { useList } from '../parts/useList.ts'
import { Ago } from '../parts/Time.tsx'

const tones: Readonly<Record<CheckState['state'], Tone>> = { up: 'ok', down: 'critical', unknown: 'info' }
const order: Readonly<Record<CheckState['state'], number>> = { down: 0, unknown: 1, up: 2 }

/** ChecksTable lists every check with its newest result, what is down first. Checks are declared in a file. */
export function ChecksTable(): JSX.Element {
  const { store, lists } = useClient()
  const { wrong, retry } = useList(() => lists.checks(), [lists])
  const known = store.checks.value
  if (known === undefined) {
    return wrong === undefined ? <Skeleton /> : <Failed what={wrong} onRetry={retry} />
  }
  const checks = [...known.values()].toSorted((a, b) => order[a.state] - order[b.state] || a.name.localeCompare(b.name))
  if (checks.length === 0) {
    return (
      <div class="empty">
        <p>No checks are declared.</p>
        <p>
          Checks by HTTP, TCP, DNS and TLS stand in <code>watchroom.yaml</code> under <code>checks</code>. When one fails it raises an incident like any other sender.
        </p>
      </div>
    )
  }
  return (
    <div class="scroll-x">
      <table class="table stack">
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Check</th>
            <th scope="col">Since</th>
            <th scope="col">Last result</th>
            <th scope="col">Latency</th>
          </tr>
        </thead>
        <tbody>
          {checks.map((check) => (
            <tr key={check.name}>
              <td data-label="State">
                <SeverityWord tone={tones[check.state]} word={check.state} />
              </td>
              <td data-label="Check">
                <strong>{check.name}</strong> {check.tags?.map((tag) => <span key={tag} class="badge">{tag}</span>)}
              </td>
              <td data-label="Since">
                <Ago at={check.since} />
              </td>
              <td data-label="Last result" class="wrap">
                {check.message}
              </td>
              <td data-label="Latency" class="num">
                {check.latency === undefined ? '–' : `${check.latency} ms`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
