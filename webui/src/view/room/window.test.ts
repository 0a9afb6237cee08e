import { expect, test } from 'vitest'
import { maxRows, place, type Span, spanAround, widenNewer, widenOlder } from './window.ts'

const ids = (from: number, n: number) => Array.from({ length: n }, (_, i) => from + i * 3)

// Whoever stays at the bottom sees the newest row after every arrival, and never more rows than allowed.
test('the pinned window follows the newest rows', () => {
  let span: Span = {}
  for (let n = 1; n < 1000; n += 7) {
    const range = place(ids(1, n), span, true)
    expect(range.to).toBe(n)
    expect(range.to - range.from).toBeLessThanOrEqual(maxRows)
  }
})

// Whoever reads further up keeps the same rows on the screen when rows come at either end.
test('a window that is not pinned stays on its rows', () => {
  const before = ids(1000, 300)
  const span = spanAround(before, before[150] ?? 0)
  const range = place(before, span, false)
  const shown = before.slice(range.from, range.to)
  const after = [...ids(10, 50), ...before, ...ids(5000, 50)]
  const moved = place(after, span, false)
  expect(after.slice(moved.from, moved.to)).toEqual(shown)
})

// Walking up to the oldest and down again passes every row, within the limit all the way.
test('walking reaches both ends', () => {
  const all = ids(1, 1000)
  let range = place(all, {}, true)
  for (let i = 0; range.from > 0 && i < 100; i++) range = place(all, widenOlder(all, range), false)
  expect(range.from).toBe(0)
  for (let i = 0; range.to < all.length && i < 100; i++) {
    const next = place(all, widenNewer(all, range), false)
    expect(next.from).toBeLessThanOrEqual(range.to)
    expect(next.to - next.from).toBeLessThanOrEqual(maxRows)
    range = next
  }
  expect(range.to).toBe(all.length)
})

// Rows that are gone from the list do not break the window.
test('ends that vanished fall back to the newest', () => {
  expect(place(ids(1, 10), { first: 999, last: 998 }, false)).toEqual({ from: 0, to: 10 })
  expect(place([], { first: 1 }, true)).toEqual({ from: 0, to: 0 })
})
