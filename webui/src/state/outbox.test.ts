import { beforeEach, expect, test } from 'vitest'
import { shelf } from '../lib/storage.ts'
import { millis, personId, roomId, seq } from '../wire/brand.ts'
import type { Event, PostFrame } from '../wire/types.gen.ts'
import { Outbox } from './outbox.ts'

const ann = personId('u_ann')
const ops = roomId('r_ops')
const dev = roomId('r_dev')

let connected: boolean
let sent: PostFrame[]
let later: (() => void)[]

beforeEach(() => {
  sessionStorage.clear()
  connected = true
  sent = []
  later = []
})

function open(): Outbox {
  const outbox = new Outbox({
    send: (frame) => {
      if (connected) sent.push(frame)
      return connected
    },
    shelf: shelf(() => sessionStorage),
    later: (fn) => later.push(fn),
  })
  outbox.open(ann)
  return outbox
}

function posted(n: number, nonce: string, author = ann): Event {
  return { seq: seq(n), time: millis(n), kind: 'message.posted', body: { message: { room: ops, author, text: 'x', nonce } } }
}

const texts = (o: Outbox) => o.pending.peek().map((p) => `${p.text} ${p.state}`)

// A message is shown at once and is pending until its event is there, whichever of event and answer comes first.
test('event and answer in either order', () => {
  const outbox = open()
  const a = outbox.post({ room: ops, text: 'a' })
  expect(texts(outbox)).toEqual(['a sending'])
  outbox.accepted({ nonce: a, id: seq(5) }, seq(4))
  expect(texts(outbox)).toEqual(['a sent'])
  outbox.heard(posted(5, a))
  expect(texts(outbox)).toEqual([])
  const b = outbox.post({ room: ops, text: 'b' })
  outbox.heard(posted(6, b))
  expect(texts(outbox)).toEqual([])
  outbox.accepted({ nonce: b, id: seq(6) }, seq(6))
  expect(texts(outbox)).toEqual([])
  expect(sent.length).toBe(2)
})

// Somebody else's message with the same nonce is not mine.
test('whose nonce', () => {
  const outbox = open()
  const a = outbox.post({ room: ops, text: 'a' })
  outbox.heard(posted(5, a, personId('u_bo')))
  expect(texts(outbox)).toEqual(['a sending'])
})

// Within a room the next goes when the last has arrived; rooms do not wait for each other.
test('order', () => {
  const outbox = open()
  const a = outbox.post({ room: ops, text: 'a' })
  outbox.post({ room: ops, text: 'b' })
  outbox.post({ room: dev, text: 'c' })
  expect(sent.map((f) => f.text)).toEqual(['a', 'c'])
  outbox.accepted({ nonce: a, id: seq(5) }, seq(1))
  expect(sent.map((f) => f.text)).toEqual(['a', 'c', 'b'])
})

// What a broken connection carried goes again with the same nonce; what its events bring after a resume goes no more.
test('reconnect', () => {
  const outbox = open()
  const a = outbox.post({ room: ops, text: 'a' })
  const b = outbox.post({ room: ops, text: 'b' })
  connected = false
  outbox.landed()
  outbox.flush()
  expect(texts(outbox)).toEqual(['a sending', 'b sending'])
  connected = true
  outbox.heard(posted(5, a))
  outbox.flush()
  expect(sent.map((f) => f.nonce)).toEqual([a, b])
  expect(texts(outbox)).toEqual(['b sending'])
})

// A reload sends again what was under way, once, and the server's answer to the repeated nonce ends it.
test('reload', () => {
  connected = false
  const a = open().post({ room: ops, text: 'a', thread: seq(3) })
  connected = true
  const again = open()
  expect(texts(again)).toEqual(['a sending'])
  again.flush()
  again.flush()
  expect(sent).toEqual([{ t: 'post', nonce: a, room: ops, text: 'a', thread: 3 }])
  again.accepted({ nonce: a, id: seq(5) }, seq(9))
  expect(texts(again)).toEqual([])
  expect(texts(open())).toEqual([])
})

// A snapshot that holds a message ends its wait.
test('snapshot', () => {
  const outbox = open()
  const a = outbox.post({ room: ops, text: 'a' })
  outbox.accepted({ nonce: a, id: seq(5) }, seq(4))
  outbox.caughtUp(seq(5))
  expect(texts(outbox)).toEqual([])
})

// A refusal stays with its author: to send again, behind what was said since, or to give up.
test('refusal', () => {
  const outbox = open()
  const a = outbox.post({ room: ops, text: 'a' })
  outbox.refused({ t: 'error', nonce: a, kind: 'denied', message: 'only members may write here' })
  expect(outbox.pending.peek()[0]).toMatchObject({ state: 'failed', error: 'only members may write here' })
  const b = outbox.post({ room: ops, text: 'b' })
  outbox.retry(a)
  expect(sent.map((f) => f.text)).toEqual(['a', 'b'])
  outbox.heard(posted(5, b))
  expect(sent.map((f) => f.text)).toEqual(['a', 'b', 'a'])
  outbox.refused({ t: 'error', nonce: a, kind: 'denied', message: 'no' })
  expect(outbox.discard(a)).toBe('a')
  expect(texts(outbox)).toEqual([])
})

// A busy server is asked again after a pause, without anybody's doing.
test('busy', () => {
  const outbox = open()
  const a = outbox.post({ room: ops, text: 'a' })
  outbox.refused({ t: 'error', nonce: a, kind: 'throttled', message: 'slower' })
  expect(texts(outbox)).toEqual(['a sending'])
  outbox.flush()
  expect(sent.length).toBe(1)
  later.splice(0).forEach((fn) => fn())
  expect(sent.length).toBe(2)
})

// Each person has an outbox of their own.
test('another person', () => {
  connected = false
  const outbox = open()
  outbox.post({ room: ops, text: 'a' })
  outbox.open(personId('u_bo'))
  expect(texts(outbox)).toEqual([])
  outbox.open(ann)
  expect(texts(outbox)).toEqual(['a sending'])
})
