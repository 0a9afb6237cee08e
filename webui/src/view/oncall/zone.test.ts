import { expect, test } from 'vitest'
import { dayPlace, moment, wall, zones } from './zone.ts'

// A wall-clock time of a zone becomes the moment at which its clocks show it, and back, on either side of a clock change.
test('a wall clock and its moment belong together', () => {
  for (const [zone, local, utc] of [
    ['Europe/Berlin', '2026-01-15T09:00', '2026-01-15T08:00:00.000Z'],
    ['Europe/Berlin', '2026-07-15T09:00', '2026-07-15T07:00:00.000Z'],
    ['Asia/Kathmandu', '2026-07-15T00:10', '2026-07-14T18:25:00.000Z'],
    ['America/New_York', '2026-03-08T12:00', '2026-03-08T16:00:00.000Z'],
    ['Pacific/Kiritimati', '2026-05-01T00:00', '2026-04-30T10:00:00.000Z'],
  ] as const) {
    const at = moment(local, zone)
    expect(new Date(at ?? 0).toISOString()).toBe(utc)
    expect(wall(at ?? 0, zone)).toBe(local)
  }
})

// A time that happens twice is the first one; one that never happens still gives a moment close to it.
test('clock changes give one moment', () => {
  expect(new Date(moment('2026-10-25T02:30', 'Europe/Berlin') ?? 0).toISOString()).toBe('2026-10-25T00:30:00.000Z')
  expect(new Date(moment('2026-03-29T02:30', 'Europe/Berlin') ?? 0).toISOString()).toBe('2026-03-29T01:30:00.000Z')
})

// What is no date and time gives nothing.
test('half a date is no moment', () => {
  for (const bad of ['', '2026-01-15', '2026-13-40T00:00', 'soon']) {
    expect(moment(bad, 'UTC')).toBeUndefined()
  }
})

// Days are counted on the wall clock, so a day with a clock change is one day like any other.
test('places count days of the zone', () => {
  const start = Date.parse('2026-10-24T22:00:00Z') // midnight before the change, in Berlin
  expect(dayPlace(start, start, 'Europe/Berlin')).toBe(0)
  expect(dayPlace(Date.parse('2026-10-25T23:00:00Z'), start, 'Europe/Berlin')).toBe(1)
  expect(dayPlace(Date.parse('2026-10-26T11:00:00Z'), start, 'Europe/Berlin')).toBe(1.5)
})

// The zone in use can always be chosen.
test('the present zone is offered', () => {
  expect(zones('Etc/GMT+5')).toContain('Etc/GMT+5')
  expect(zones('')).not.toContain('')
})
