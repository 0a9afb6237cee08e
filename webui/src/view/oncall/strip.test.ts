import { expect, test } from 'vitest'
import { personId } from '../../wire/brand.ts'
import type { Shift } from '../../wire/types.gen.ts'
import { bars, own } from './strip.ts'
import { timestamp } from './zone.ts'

const day = 24 * 60 * 60 * 1000
const start = Date.parse('2026-11-21T00:00:00Z')
const ann = personId('p_ann')
const bo = personId('p_bo')

function shift(from: number, to: number, ...people: readonly Shift['people'][number][]): Shift {
  return { from: timestamp(start + from * day), to: timestamp(start + to * day), people }
}

// Bars lie where their time lies, and what hangs over an end is cut there.
test('bars are cut at the ends of the strip', () => {
  const got = bars([shift(-1, 1, ann), shift(1, 2.5, bo), shift(3.5, 9, ann), shift(20, 21, bo)], start, 4, 'UTC')
  expect(got.map((bar) => [bar.left, bar.width])).toEqual([
    [0, 0.25],
    [0.25, 0.375],
    [0.875, 0.125],
  ])
})

// Shifts of one schedule that follow each other are one stretch of duty; those of another schedule stay their own.
test('own shifts run together', () => {
  const duties = [
    { name: 'b', shifts: [shift(0, 1, ann), shift(1, 2, ann, bo), shift(2, 3, bo), shift(3, 4, ann)] },
    { name: 'a', shifts: [shift(0.5, 1.5, ann)] },
  ]
  const got = own(duties, (s) => s.people.includes(ann))
  expect(got.map((run) => [run.duty.name, (run.from - start) / day, (run.to - start) / day])).toEqual([
    ['b', 0, 2],
    ['a', 0.5, 1.5],
    ['b', 3, 4],
  ])
})
