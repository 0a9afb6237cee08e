import { expect, test } from 'vitest'
import { personId } from '../../wire/brand.ts'
import type { Target } from '../../wire/types.gen.ts'
import { freshTurn, missing, policyWords, rotationOf, stepDraft, stepOf, targetKey, turnOf } from './draft.ts'
import { moved } from './Ordered.tsx'
import { timestamp } from './zone.ts'

const ann = personId('p_ann')
const bo = personId('p_bo')
const zone = 'Europe/Berlin'

// What a form shows of a rotation is the rotation again when nothing was changed.
test('a rotation survives its form', () => {
  const rotation = { name: 'week', people: [ann, bo], start: timestamp(Date.parse('2026-11-23T08:00:00Z')), unit: 'weeks' as const, length: 2, only: [{ days: ['mon'], from: '08:00', to: '18:00' }] }
  expect(turnOf(rotation, zone).start).toBe('2026-11-23T09:00')
  expect(rotationOf(turnOf(rotation, zone), zone)).toEqual(rotation)
})

// One person may be on call for ever: no start is kept as no start.
test('a rotation without a start keeps none', () => {
  const turn = turnOf({ name: '', people: [ann], start: timestamp(Date.parse('0001-01-01T00:00:00Z')), unit: 'weeks', length: 1 }, zone)
  expect(turn.start).toBe('')
  expect(Date.parse(rotationOf(turn, zone).start)).toBeLessThan(0)
})

// A fresh rotation begins on the Monday of this week, wherever in the week it is made.
test('a fresh rotation begins on Monday', () => {
  for (const now of ['2026-11-16T00:30:00Z', '2026-11-21T08:00:00Z', '2026-11-22T22:30:00Z']) {
    expect(freshTurn(Date.parse(now), zone, []).start).toBe('2026-11-16T09:00')
  }
})

// Several people need a first hand-over; one does not.
test('what is missing is said', () => {
  const turn = { name: '', people: [ann], start: '', unit: 'weeks' as const, length: '1', only: [] }
  expect(missing('ops', [turn])).toBeUndefined()
  expect(missing(' ', [turn])).toContain('name')
  expect(missing('ops', [{ ...turn, people: [] }])).toContain('no people')
  expect(missing('ops', [{ ...turn, people: [ann, bo] }])).toContain('hand-over')
})

// A step survives its form, in seconds as in minutes, and a policy reads as a sentence.
test('a step survives its form', () => {
  const other: Target = { person: bo }
  const step = { targets: [{ person: ann }, other], after: 90 }
  const targets = new Map(step.targets.map((target) => [targetKey(target), target]))
  expect(stepOf(stepDraft(step), targets)).toEqual(step)
  expect(stepOf(stepDraft({ ...step, after: 300 }), targets).after).toBe(300)
  expect(policyWords({ steps: [step, { targets: [{ person: ann }], after: 300 }] }, (t) => t.person ?? '')).toBe('p_ann and p_bo, 90 s → p_ann, 5 min → again')
})

// Moving beyond an end changes nothing; anywhere else it swaps neighbours.
test('moving swaps neighbours', () => {
  expect(moved(['a', 'b', 'c'], 0, -1)).toEqual(['a', 'b', 'c'])
  expect(moved(['a', 'b', 'c'], 2, 1)).toEqual(['a', 'b', 'c'])
  expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c'])
  expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b'])
})
