import { expect, test } from 'vitest'
import { incidentId, roomId, seq } from '../wire/brand.ts'
import { type Route, format, parse } from './route.ts'

// Every route comes back from its own address.
test('round trip', () => {
  const routes: readonly Route[] = [
    { page: 'home' },
    { page: 'room', room: roomId('r_01J') },
    { page: 'room', room: roomId('r/odd #1'), message: seq(12) },
    { page: 'room', room: roomId('r_01J'), message: seq(12), thread: seq(9) },
    { page: 'room', room: roomId('r_01J'), thread: seq(9) },
    { page: 'message', message: seq(7) },
    { page: 'incidents' },
    { page: 'incidents', state: 'resolved' },
    { page: 'incident', incident: incidentId(142) },
    { page: 'oncall' },
    { page: 'checks' },
    { page: 'search', q: 'from:@ann a/b "c d" %' },
    { page: 'settings' },
    { page: 'settings', tab: 'ways' },
    { page: 'admin', tab: 'people' },
    { page: 'claim', secret: 's-_' },
    { page: 'invite', secret: 's' },
    { page: 'reset', secret: 's' },
    { page: 'ack', secret: 's' },
  ]
  for (const route of routes) expect(parse(format(route))).toEqual(route)
})

// An address that means nothing is home, and never an error.
test('nonsense', () => {
  for (const hash of ['', '#', '#/', '#/nowhere', '#/room', '#/room/', '#/m/x', '#/claim', '#/m/99999999999999999999', '%E0%A4%A']) {
    expect(parse(hash)).toEqual({ page: 'home' })
  }
  expect(parse('#/incident/x')).toEqual({ page: 'incidents' })
})
