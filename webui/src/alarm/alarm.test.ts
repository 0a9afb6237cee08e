import { expect, test } from 'vitest'
import { incidentId, millis, pageId, personId, roomId, seq } from '../wire/brand.ts'
import type { Event, Incident, Page } from '../wire/types.gen.ts'
import { type Situation, chime, sound } from './alarm.ts'

const me = personId('u_me')
const bo = personId('u_bo')
const base: Incident = {
  id: incidentId(1), key: 'k', title: 't', severity: 'critical', state: 'triggered', room: roomId('r'), from: roomId('f'), route: '',
  firing: 1, alerts: 1, repeats: 0, opened: millis(1), ringing: [me], paged: [me],
}
const here: Omit<Situation, 'incidents'> = { me, now: 1000, ready: true, held: 'here' }
const at = (i: Partial<Incident>, s: Partial<Situation> = {}) => sound({ incidents: new Map([[base.id, { ...base, ...i }]]), ...here, ...s })

// The siren sounds in the tab that has the ringer, for what rings this person and is critical and nobody's yet.
test('what rings', () => {
  const rings = { t: 'critical', incidents: [1] }
  const nothing = { t: 'nothing' }
  const cases: readonly [string, Partial<Incident>, Partial<Situation>, object][] = [
    ['rings me', {}, {}, rings],
    ['rings both', { ringing: [bo, me] }, {}, rings],
    ['rings somebody else', { ringing: [bo] }, {}, nothing],
    ['rings nobody', { ringing: [] }, {}, nothing],
    ['acknowledged', { state: 'acknowledged' }, {}, nothing],
    ['resolved', { state: 'resolved' }, {}, nothing],
    ['low', { severity: 'low' }, {}, nothing],
    ['info', { severity: 'info' }, {}, nothing],
    ['silenced for a time', { silencedTill: millis(2000) }, {}, nothing],
    ['silenced until resolved', { silencedTill: millis(-1) }, {}, nothing],
    ['silence over', { silencedTill: millis(999) }, {}, rings],
    ['a test rings too', { test: true }, {}, rings],
    ['another tab rings', {}, { held: 'elsewhere' }, nothing],
    ['another tab rings, and this one could', {}, { held: 'elsewhere', ready: false }, nothing],
    ['nobody can ring', {}, { held: 'nobody', ready: false }, { t: 'mute', incidents: [1] }],
    ['the audio stopped', {}, { ready: false }, { t: 'mute', incidents: [1] }],
    ['signed out', {}, { me: undefined }, nothing],
  ]
  for (const [name, i, s, want] of cases) expect(at(i, s), name).toEqual(want)
})

// Several incidents are one siren, which goes on until the last of them is answered.
test('one siren', () => {
  const two = { ...base, id: incidentId(2) }
  const both = new Map([[two.id, two], [base.id, base]])
  expect(sound({ incidents: both, ...here })).toEqual({ t: 'critical', incidents: [1, 2] })
  const one = new Map(both).set(base.id, { ...base, state: 'acknowledged' as const })
  expect(sound({ incidents: one, ...here })).toEqual({ t: 'critical', incidents: [2] })
})

function changed(now: Partial<Incident>, was: Partial<Incident> = {}, actor = bo) {
  const event: Event = { seq: seq(2), time: millis(2), kind: 'incident.changed', actor, body: { incident: { ...base, ...now } } }
  return chime(event, new Map([[base.id, { ...base, ...was }]]), me)
}

// The all-clear sounds once for who was rung, when the sender says that it is over or when it ends unanswered.
test('all-clear', () => {
  expect(changed({ state: 'resolved', ringing: [] })).toBe('allClear')
  expect(changed({ state: 'acknowledged', owner: me, senderDone: true }, { state: 'acknowledged', owner: me })).toBe('allClear')
  expect(changed({ state: 'acknowledged', senderDone: true }, { state: 'acknowledged', senderDone: true })).toBeUndefined()
  expect(changed({ state: 'acknowledged' })).toBeUndefined()
  expect(changed({ state: 'resolved' }, { state: 'acknowledged', owner: me })).toBeUndefined()
  expect(changed({ state: 'resolved' }, {}, me)).toBeUndefined()
  expect(changed({ state: 'resolved', ringing: [], paged: [bo] }, { ringing: [bo], paged: [bo] })).toBeUndefined()
  expect(changed({ state: 'resolved', severity: 'low' }, { severity: 'low' })).toBeUndefined()
})

// A low alert chimes once for whom it pages in the browser.
test('low', () => {
  const page: Page = { id: pageId('pg'), incident: base.id, person: me, way: 'browser', step: 1, round: 1, attempt: 1, state: 'queued', queued: millis(1) }
  const paged = (p: Partial<Page>, severity: Incident['severity'] = 'low') =>
    chime({ seq: seq(2), time: millis(2), kind: 'page.changed', body: { page: { ...page, ...p } } }, new Map([[base.id, { ...base, severity }]]), me)
  expect(paged({})).toBe('low')
  expect(paged({ person: bo })).toBeUndefined()
  expect(paged({ way: 'mail' })).toBeUndefined()
  expect(paged({ state: 'playing' })).toBeUndefined()
  expect(paged({}, 'critical')).toBeUndefined()
})
