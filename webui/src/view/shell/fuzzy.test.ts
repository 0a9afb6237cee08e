import { expect, test } from 'vitest'
import { find, score } from './fuzzy.ts'

const rooms = ['#ops', '#deploys', '#inc-142-checkout', '#oncall-payments', 'Ana Ops'].map((name) => ({ name }))

// Letters in their order find a name; letters in another order do not.
test('only names that hold the letters in order are found', () => {
  expect(find('i142', rooms, 9).map((r) => r.name)).toEqual(['#inc-142-checkout'])
  expect(score('spo', 'ops')).toBeUndefined()
})

// A beginning of a word is better than letters inside of words.
test('beginnings of words come first', () => {
  expect(find('op', rooms, 9)[0]?.name).toBe('#ops')
  expect(find('oc', rooms, 9)[0]?.name).toBe('#oncall-payments')
  expect(find('ao', rooms, 9)[0]?.name).toBe('Ana Ops')
})

// Nothing typed keeps everything in its order, up to the limit.
test('an empty query keeps the order', () => {
  expect(find('', rooms, 2).map((r) => r.name)).toEqual(['#ops', '#deploys'])
})
