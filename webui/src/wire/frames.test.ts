import { expect, test } from 'vitest'
import { BadFrame, decode } from './frames.ts'

const me = { id: 'u_1', handle: 'ann', name: 'Ann', role: 'owner', created: 1 }
const frames: readonly object[] = [
  { t: 'hello', epoch: 'e', at: 1, resumed: true, version: '1', time: 1, me },
  { t: 'hello', epoch: 'e', at: 1, resumed: false, version: '1', time: 1, me, snapshot: { at: 1, me, settings: {}, people: [], rooms: [], incidents: [], teams: [], readiness: [], commands: [] } },
  { t: 'event', seq: 1, time: 1, kind: 'message.posted', room: 'r', body: { message: { room: 'r', author: 'u', text: 'x' } } },
  { t: 'event', seq: 1, time: 1, kind: 'room.joined', room: 'r', body: { room: {}, person: 'u', members: [], total: 1 } },
  { t: 'event', seq: 1, time: 1, kind: 'message.deleted', body: { message: 1, room: 'r', deleted: 2, by: 'u' } },
  { t: 'ok', nonce: 'n' },
  { t: 'error', kind: 'denied', message: 'no' },
  { t: 'ephemeral', nonce: 'n', room: 'r', text: 'x' },
  { t: 'ping', at: 1, time: 1 },
  { t: 'signal', kind: 'mark', body: { room: 'r', seq: 1, ordinal: 1 } },
]

// Every frame of the protocol is read as it is.
test('frames', () => {
  for (const frame of frames) expect(decode(JSON.stringify(frame))).toEqual(frame)
})

// Lists that are told as null are empty, and what a newer server says is passed over with its place in the log.
test('other servers', () => {
  expect(decode('{"t":"event","seq":1,"time":1,"kind":"room.joined","body":{"room":{},"person":"u","members":null,"total":1}}')).toMatchObject({ body: { members: [] } })
  expect(decode('{"t":"event","seq":7,"time":1,"kind":"moon.rose","body":{}}')).toEqual({ t: 'unknown', seq: 7 })
  expect(decode('{"t":"signal","kind":"moon","body":{}}')).toEqual({ t: 'unknown' })
  expect(decode('{"t":"moon"}')).toEqual({ t: 'unknown' })
  expect(decode('{"t":"toString"}')).toEqual({ t: 'unknown' })
})

// Whatever the bytes, the answer is a frame or BadFrame.
test('any input', () => {
  const junk: readonly unknown[] = [null, 0, -1, 1.5, '', 'x', true, [], {}, { t: 'event' }, [[]]]
  const sources = ['', 'x', '[]', 'null', '3', '"t"', '{}', '{"t":1}', '\u0000', '{"t":"hello","resumed":false}']
  for (const frame of frames) {
    const source = JSON.stringify(frame)
    for (let cut = 0; cut < source.length; cut += 3) sources.push(source.slice(0, cut), source.slice(cut))
    for (const [key, value] of Object.entries(frame)) {
      for (const j of junk) {
        sources.push(JSON.stringify({ ...frame, [key]: j }))
        for (const inner of Object.keys(typeof value === 'object' && value !== null ? value : {})) sources.push(JSON.stringify({ ...frame, [key]: { ...value, [inner]: j } }))
      }
    }
  }
  for (const source of sources) {
    try {
      decode(source)
    } catch (err) {
      expect(err, source).toBeInstanceOf(BadFrame)
    }
  }
})
