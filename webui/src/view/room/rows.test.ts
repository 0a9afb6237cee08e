import { expect, test } from 'vitest'
import { number } from '../../lib/guard.ts'
import type { Line } from '../../state/core.ts'
import type { Millis, PersonId, RoomId, Seq } from '../../wire/types.gen.ts'
import { arrange } from './rows.ts'
import { pasted } from './paste.ts'

function brand<T>(x: unknown): T {
  return x as T
}

const noon = new Date(2026, 2, 3, 12).getTime()

function line(id: number, author: string, minutes: number): Line {
  return { id: brand<Seq>(id), room: brand<RoomId>('r'), author: brand<PersonId>(author), time: brand<Millis>(noon + minutes * 60_000), text: 'x', asOf: brand<Seq>(id) }
}

const kinds = (lines: readonly Line[], seen?: number) =>
  arrange(lines, { seen: number(seen) === undefined ? undefined : brand<Seq>(seen), me: brand<PersonId>('me') }).map((item) => (item.kind === 'line' ? (item.follows ? 'more' : 'line') : item.kind))

// Messages of one author within five minutes stand under one name.
test('one author is named once', () => {
  expect(kinds([line(1, 'a', 0), line(2, 'a', 4), line(3, 'b', 5), line(4, 'b', 11)])).toEqual(['day', 'line', 'more', 'line', 'line'])
})

// Each day begins with its name, and the first unread message of somebody else with the line above what is new.
test('days and what is new are divided', () => {
  expect(kinds([line(1, 'a', 0), line(2, 'a', 24 * 60)])).toEqual(['day', 'line', 'day', 'line'])
  expect(kinds([line(1, 'a', 0), line(2, 'me', 1), line(3, 'a', 2), line(4, 'a', 3)], 1)).toEqual(['day', 'line', 'line', 'new', 'line', 'more'])
})

// A pasted log cannot break out of its code block; short text stays as it is.
test('a pasted log is fenced', () => {
  const log = Array.from({ length: 30 }, (_, i) => (i === 3 ? '```' : `line ${i}`)).join('\n')
  expect(pasted(log)).toBe('````\n' + log + '\n````\n')
  expect(pasted('two\nlines')).toBe('two\nlines')
})
