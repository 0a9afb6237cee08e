import { sameDay } from '../../lib/time.ts'
import type { Line } from '../../state/core.ts'
import type { PersonId, Seq } from '../../wire/types.gen.ts'

/** What stands in a list of messages, from above to below. */
export type Item =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'new'; readonly key: string }
  | { readonly kind: 'line'; readonly key: string; readonly line: Line; readonly follows: boolean }

/** Messages of one author within this time stand together under one name. */
const together = 5 * 60_000

/** Where reading stopped, and who reads: one's own messages are never new. */
export interface Reading {
  readonly seen?: Seq | undefined
  readonly me?: PersonId | undefined
}

/** Puts the days, the line above what is new, and the names between messages. */
export function arrange(lines: readonly Line[], reading: Reading): readonly Item[] {
  const out: Item[] = []
  let before: Line | undefined
  let marked = reading.seen === undefined
  for (const line of lines) {
    const newDay = before === undefined || !onSameDay(before.time, line.time)
    if (newDay) out.push({ kind: 'day', key: `d${line.id}`, at: line.time })
    const fresh = !marked && reading.seen !== undefined && line.id > reading.seen && line.author !== reading.me
    if (fresh) {
      out.push({ kind: 'new', key: 'new' })
      marked = true
    }
    const follows = !newDay && !fresh && before !== undefined && belongs(before, line)
    out.push({ kind: 'line', key: `m${line.id}`, line, follows })
    before = line
  }
  return out
}

/** No day of any zone begins within a quarter of an hour; asking the calendar is slow. */
const quarter = 15 * 60_000

function onSameDay(a: number, b: number): boolean {
  return Math.floor(a / quarter) === Math.floor(b / quarter) || sameDay(a, b)
}

function belongs(before: Line, line: Line): boolean {
  return before.author === line.author && before.as === line.as && line.time - before.time < together && line.time >= before.time
}

/** The newest message that its author may change: what was a command, and what bears a card, stays as it is. */
export function lastEditable(lines: readonly Line[], me: PersonId | undefined): Seq | undefined {
  return lines.findLast((line) => line.author === me && line.deleted === undefined && line.command === undefined && line.card === undefined)?.id
}
