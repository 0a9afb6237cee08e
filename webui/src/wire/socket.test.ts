import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { deviceId, incidentId, millis, roomId, seq } from './brand.ts'
import type { Incoming } from './frames.ts'
import { type Connection, type Pipe, Socket } from './socket.ts'

/** The other end of a WebSocket, as a server holds it. */
class Wire implements Pipe {
  static all: Wire[] = []
  static get last(): Wire {
    const last = Wire.all.at(-1)
    if (last === undefined) throw new Error('nothing was opened')
    return last
  }
  onopen: ((event: Event) => void) | null = null
  onmessage: ((event: MessageEvent) => void) | null = null
  onclose: ((event: CloseEvent) => void) | null = null
  readonly sent: { readonly [key: string]: unknown }[] = []
  closed = false

  constructor(readonly url: string) {
    Wire.all.push(this)
  }
  send(data: string) {
    this.sent.push(JSON.parse(data))
  }
  close() {
    this.closed = true
  }
  open() {
    this.onopen?.(new Event('open'))
  }
  say(frame: object) {
    this.onmessage?.(new MessageEvent('message', { data: JSON.stringify(frame) }))
  }
  cut(code: number) {
    this.onclose?.(new CloseEvent('close', { code }))
  }
}

const me = { id: 'u_1', handle: 'ann', name: 'Ann', role: 'owner', created: 1 }
const snapshot = { at: 10, me, settings: { teamName: '' }, people: [me], rooms: null, incidents: [], teams: [], readiness: [], commands: [] }
const hello = { t: 'hello', epoch: 'e1', at: 10, resumed: false, version: '1', time: 1, me, snapshot }
const resumed = { ...hello, resumed: true, snapshot: undefined }
const posted = (n: number) => ({ t: 'event', seq: n, time: n, kind: 'message.posted', room: 'r', body: { message: { room: 'r', author: 'u_1', text: 'x' } } })

let frames: Incoming[]
let states: Connection[]
let session: 'ok' | 'unsigned' | 'unreachable'
let asked: number
let socket: Socket

beforeEach(() => {
  vi.useFakeTimers()
  Wire.all = []
  frames = []
  states = []
  session = 'ok'
  asked = 0
  socket = new Socket({
    url: 'ws://x/api/v1/socket',
    WebSocket: Wire,
    who: () => ({ device: deviceId('d'), tab: 't', agent: 'test' }),
    authorise: () => {
      asked++
      return Promise.resolve(session)
    },
    onFrame: (f) => frames.push(f),
    onConnection: (c) => states.push(c),
    playing: () => [incidentId(7)],
  })
})
afterEach(() => {
  socket.stop()
  vi.useRealTimers()
})

function live() {
  socket.start()
  Wire.last.open()
  Wire.last.say(hello)
}

/** Waits for the next attempt and opens it. */
async function reconnect() {
  await vi.advanceTimersByTimeAsync(20_000)
  Wire.last.open()
}

// It greets first, and is live only after the server greeted back.
test('greeting', () => {
  socket.start()
  expect(socket.phase).toBe('connecting')
  Wire.last.open()
  expect(socket.phase).toBe('greeting')
  expect(Wire.last.sent).toEqual([{ t: 'hello', device: 'd', tab: 't', agent: 'test' }])
  expect(socket.send({ t: 'mark', room: roomId('r'), seq: seq(1) })).toBe(false)
  Wire.last.say(hello)
  expect(socket.phase).toBe('live')
  expect(frames).toMatchObject([{ t: 'hello', snapshot: { rooms: [] } }])
})

// It comes back by itself and asks for what came after the last event or ping that it heard.
test('resume', async () => {
  live()
  Wire.last.say(posted(12))
  Wire.last.cut(1006)
  expect(socket.phase).toBe('waiting')
  await reconnect()
  expect(Wire.last.sent[0]).toMatchObject({ since: 12, epoch: 'e1' })
  Wire.last.say(resumed)
  Wire.last.say({ t: 'ping', at: 20, time: 1 })
  Wire.last.cut(4008)
  await reconnect()
  expect(Wire.last.sent[0]).toMatchObject({ since: 20, epoch: 'e1' })
})

// A resumed greeting does not move the resume point: the events up to its Seq are still to come.
test('a resumed greeting is no news', async () => {
  live()
  Wire.last.cut(1006)
  await reconnect()
  Wire.last.say({ ...resumed, at: 99 })
  Wire.last.cut(1006)
  await reconnect()
  expect(Wire.last.sent[0]).toMatchObject({ since: 10 })
})

// Every ping is answered from the page's own code, with what sounds at that moment.
test('pong', () => {
  live()
  Wire.last.say({ t: 'ping', at: 11, time: 5 })
  expect(Wire.last.sent.at(-1)).toEqual({ t: 'pong', at: 11, playing: [7] })
})

// Without any frame for 25 s the connection is dead, whatever the browser believes.
test('dead connection', async () => {
  live()
  const first = Wire.last
  await vi.advanceTimersByTimeAsync(24_000)
  expect(socket.phase).toBe('live')
  await vi.advanceTimersByTimeAsync(1_000)
  expect(socket.phase).toBe('waiting')
  expect(first.closed).toBe(true)
})

// Waits grow by 1.7 from half a second to 15 s, give or take; an answer that stays makes them short again.
test('backoff', async () => {
  socket.start()
  const waits: number[] = []
  for (let n = 0; n < 12; n++) {
    Wire.last.open()
    Wire.last.cut(1006)
    waits.push((states.at(-1)?.retryAt ?? 0) - Date.now())
    await vi.advanceTimersByTimeAsync(20_000)
  }
  waits.forEach((wait, n) => {
    const mean = Math.min(15_000, 500 * 1.7 ** n)
    expect(wait).toBeGreaterThanOrEqual(mean * 0.7 - 1)
    expect(wait).toBeLessThanOrEqual(mean * 1.3 + 1)
  })
  Wire.last.open()
  Wire.last.say(hello)
  await vi.advanceTimersByTimeAsync(6_000)
  Wire.last.cut(1006)
  expect((states.at(-1)?.retryAt ?? 0) - Date.now()).toBeLessThan(700)
})

// What says that the network or the page is back makes it try at once.
test('wake', async () => {
  const stop = socket.listen(window)
  live()
  Wire.last.cut(1006)
  const before = Wire.all.length
  window.dispatchEvent(new Event('online'))
  expect(Wire.all.length).toBe(before + 1)
  Wire.last.open()
  Wire.last.say(resumed)
  vi.setSystemTime(Date.now() + 60_000) // asleep: no timer ran
  window.document.dispatchEvent(new Event('resume'))
  expect(socket.phase).toBe('waiting')
  stop()
})

// A session that ran out is renewed once; the state then comes as a snapshot.
test('unsigned', async () => {
  live()
  Wire.last.cut(4001)
  await reconnect()
  expect(asked).toBe(1)
  expect(Wire.last.sent[0]).not.toHaveProperty('since')
  Wire.last.cut(4001)
  expect(states.at(-1)).toMatchObject({ phase: 'stopped', why: 'unsigned' })
})

// When there is no session any more it stops; when the server cannot be asked it goes on trying.
test('authorise', async () => {
  live()
  session = 'unreachable'
  Wire.last.cut(4001)
  const before = Wire.all.length
  await vi.advanceTimersByTimeAsync(40_000)
  expect(asked).toBeGreaterThan(2)
  expect(Wire.all.length).toBe(before)
  session = 'unsigned'
  await vi.advanceTimersByTimeAsync(20_000)
  expect(states.at(-1)).toMatchObject({ phase: 'stopped', why: 'unsigned' })
})

// Each answer goes to who asked; when the connection breaks, nobody waits on.
test('questions', async () => {
  live()
  const yes = socket.ask({ t: 'ack', nonce: 'a', incident: incidentId(7) })
  const no = socket.ask({ t: 'ack', nonce: 'b', incident: incidentId(8) })
  const mute = socket.ask({ t: 'ack', nonce: 'd', incident: incidentId(9) })
  const checks = [
    expect(yes).resolves.toMatchObject({ t: 'ok' }),
    expect(no).rejects.toMatchObject({ kind: 'conflict', message: 'Take it?' }),
    expect(mute).rejects.toMatchObject({ kind: 'unavailable' }),
  ]
  Wire.last.say({ t: 'error', nonce: 'b', kind: 'conflict', message: 'Take it?' })
  Wire.last.say({ t: 'ok', nonce: 'a' })
  for (let n = 0; n < 2; n++) {
    await vi.advanceTimersByTimeAsync(8_000)
    Wire.last.say({ t: 'ping', at: 11, time: millis(1) })
  }
  await Promise.all(checks)
  const broken = socket.ask({ t: 'ack', incident: incidentId(9) })
  Wire.last.cut(1006)
  await expect(broken).rejects.toMatchObject({ kind: 'offline' })
  await expect(socket.ask({ t: 'ack', incident: incidentId(9) })).rejects.toMatchObject({ kind: 'offline' })
})

// A frame that is not what the protocol says starts the state anew; one of an unknown kind is passed over.
test('bad frames', async () => {
  const complain = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  live()
  Wire.last.say({ t: 'future', x: 1 })
  Wire.last.say({ t: 'event', seq: 15, time: 1, kind: 'moon.rose', body: {} })
  expect(socket.phase).toBe('live')
  Wire.last.say({ t: 'event', seq: 16, time: 1, kind: 'message.posted', body: { message: 'x' } })
  expect(socket.phase).toBe('waiting')
  await reconnect()
  expect(Wire.last.sent[0]).not.toHaveProperty('since')
  expect(complain).toHaveBeenCalledOnce()
})
