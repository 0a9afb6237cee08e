import { expect, test } from 'vitest'
import { incidentId, millis, personId, roomId } from '../../wire/brand.ts'
import type { Incident, Page, PageId, WayKind } from '../../wire/types.gen.ts'
import { firingWords, reached, silenceWords, stateWords, took } from './words.ts'

const ann = personId('p_ann')
const bo = personId('p_bo')

function incident(part: Partial<Incident>): Incident {
  return {
    id: incidentId(1), key: 'k', title: 't', severity: 'critical', state: 'triggered', room: roomId('r'), from: roomId('r'),
    route: '', firing: 1, alerts: 1, repeats: 0, opened: millis(0), ...part,
  }
}

function page(person: typeof ann, way: WayKind, queued: number, id: PageId): Page {
  return { id, incident: incidentId(1), person, way, step: 1, round: 1, attempt: 1, state: 'sent', queued: millis(queued) }
}

// That nobody heard it is said before anything else, and never of an incident that is over.
test('a state is said in words', () => {
  expect(stateWords(incident({ ringing: [ann] }))).toBe('Ringing')
  expect(stateWords(incident({ ringing: [ann], notDelivered: true }))).toBe('NOT DELIVERED')
  expect(stateWords(incident({ state: 'resolved', notDelivered: true }))).toBe('Resolved')
  expect(stateWords(incident({}))).toBe('Triggered')
})

// Of every way only the newest attempt counts, with how often it was tried; people stand in the order in which they were paged.
test('attempts are gathered by person and way', () => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id) => id as PageId)
  if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error('no ids')
  const got = reached([page(bo, 'browser', 3, c), page(ann, 'browser', 1, a), page(ann, 'ntfy', 2, b), page(ann, 'ntfy', 4, d)])
  expect(got.map((one) => one.person)).toEqual([ann, bo])
  expect(got[0]?.pages.map((one) => one.id)).toEqual([a, d])
  expect(got[0]?.tries).toEqual([1, 2])
})

// A silence that is over is none; one without an end lasts until it is resolved.
test('silences are said while they last', () => {
  expect(silenceWords(incident({}), 1)).toBeUndefined()
  expect(silenceWords(incident({ silencedTill: millis(5) }), 6)).toBeUndefined()
  expect(silenceWords(incident({ silencedTill: millis(-1) }), 6)).toContain('until it is resolved')
})

// Counts and lengths read as one would say them.
test('counts and lengths are words', () => {
  expect(firingWords(incident({ firing: 2, alerts: 5 }))).toBe('2 of 5 firing')
  expect(firingWords(incident({ firing: 0, alerts: 1 }))).toBe('1 alert, none firing')
  expect(took(3_240)).toBe('3.2 s')
  expect(took(120_000)).toBe('2 min')
})
