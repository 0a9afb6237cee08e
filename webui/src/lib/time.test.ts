import { expect, test } from 'vitest'
import { ago, clock, dayTitle, exact, sameDay, span, until } from './time.ts'

const reader = { locale: 'en-GB', zone: 'Europe/Berlin' }
const now = Date.UTC(2026, 10, 21, 14, 0, 0)
const minute = 60_000
const hour = 60 * minute

// How long ago something was is short, and never lies in the future.
test('ago', () => {
  expect([3_000, 12_000, 3 * minute, 59 * minute].map((ms) => ago(now - ms, now, reader))).toEqual(['now', '12 s', '3 min', '59 min'])
  expect(ago(now + hour, now, reader)).toBe('now')
  expect(ago(now - 3 * hour, now, reader)).toBe('12:00')
  expect(ago(now - 20 * hour, now, reader)).toBe('Yesterday 19:00')
  expect(ago(now - 72 * hour, now, reader)).toBe('18 Nov')
})

// Times are the reader's: their zone, 24 hours, with midnight as 00.
test('clock', () => {
  expect(clock(Date.UTC(2026, 10, 21, 23, 5), reader)).toBe('00:05')
  expect(clock(now, { ...reader, zone: 'America/New_York' })).toBe('09:00')
  expect(exact(now, reader)).toContain('15:00:00')
  expect(sameDay(Date.UTC(2026, 10, 21, 23, 5), now, reader)).toBe(false)
})

// Days are named from the reader's calendar.
test('dayTitle', () => {
  expect(dayTitle(now, now, reader)).toBe('Today')
  expect(dayTitle(now - 20 * hour, now, reader)).toBe('Yesterday')
  expect(dayTitle(now - 72 * hour, now, reader)).toMatch(/^Wednesday,? 18 November$/)
  expect(dayTitle(Date.UTC(2024, 0, 1), now, reader)).toContain('2024')
})

// Spans have at most two units.
test('span', () => {
  expect([0, 59_999, 3 * minute, 72 * minute, 2 * hour, 52 * hour, 48 * hour].map(span)).toEqual(['0 s', '59 s', '3 min', '1 h 12 min', '2 h', '2 d 4 h', '2 d'])
  expect([until(now + 3 * minute, now), until(now, now)]).toEqual(['in 3 min', 'now'])
})
