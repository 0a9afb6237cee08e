import { type Loose, isObject, json } from '../lib/guard.ts'
import type { ClientFrame, EventKind, Seq, ServerFrame } from './types.gen.ts'

/** A frame, or an event of a kind, that a newer server sends and this page does not know. */
export interface UnknownFrame {
  readonly t: 'unknown'
  readonly seq?: Seq
}

/** What a frame from the server can turn out to be. */
export type Incoming = ServerFrame | UnknownFrame

/** A frame that is not what this protocol says. */
export class BadFrame extends Error {
  override readonly name = 'BadFrame'
}

type Sort = 'object' | 'string' | 'number' | 'boolean' | 'list'
type Shape = Readonly<Record<string, Sort>>

/** What the body of every event must hold for `apply` to be safe. */
const bodies: { readonly [K in EventKind]: Shape } = {
  'person.created': { person: 'object' },
  'person.changed': { person: 'object' },
  'settings.changed': { settings: 'object' },
  'room.created': { room: 'object' },
  'room.changed': { room: 'object' },
  'room.joined': { room: 'object', person: 'string', members: 'list' },
  'room.left': { room: 'string', person: 'string' },
  'message.posted': { message: 'object' },
  'message.edited': { message: 'number', room: 'string', text: 'string' },
  'message.deleted': { message: 'number', room: 'string', deleted: 'number' },
  'incident.opened': { incident: 'object' },
  'incident.changed': { incident: 'object' },
  'incident.noted': { entry: 'object' },
  'page.changed': { page: 'object' },
  'alert.changed': { row: 'object' },
  'team.changed': { team: 'object' },
  'schedule.changed': { schedule: 'object' },
  'policy.changed': { policy: 'object' },
  'integration.changed': { integration: 'object' },
  'request.received': { request: 'object' },
  'silence.changed': { silence: 'object' },
  'check.changed': { check: 'object' },
}

type Signal = Extract<ServerFrame, { t: 'signal' }>['kind']

const signals: { readonly [K in Signal]: Shape } = {
  mark: { room: 'string', seq: 'number', ordinal: 'number' },
  readiness: { person: 'string', state: 'string' },
  closed: { room: 'string' },
}

const frames: { readonly [T in ServerFrame['t']]: Shape } = {
  hello: { epoch: 'string', at: 'number', resumed: 'boolean', time: 'number', me: 'object' },
  event: { seq: 'number', time: 'number', kind: 'string', body: 'object' },
  ok: { nonce: 'string' },
  error: { kind: 'string', message: 'string' },
  ephemeral: { nonce: 'string', room: 'string', text: 'string' },
  ping: { at: 'number', time: 'number' },
  signal: { kind: 'string', body: 'object' },
}

const snapshot: Shape = {
  at: 'number', me: 'object', settings: 'object', people: 'list', rooms: 'list', incidents: 'list', teams: 'list', readiness: 'list', commands: 'list',
}

/** Reads one frame and checks its shape; throws BadFrame. */
export function decode(source: string): Incoming {
  const frame = json(source)
  if (!isObject(frame)) throw new BadFrame('a frame that is no object')
  const shape = pick(frames, frame.t)
  if (shape === undefined) return { t: 'unknown' }
  const full = fit(frame, shape, `frame ${String(frame.t)}`)
  const filled = inner(full)
  if (filled === undefined) return { t: 'unknown', ...(isSeq(full.seq) ? { seq: full.seq } : {}) }
  if (!isServerFrame(filled)) throw new BadFrame('a frame without its name')
  return filled
}

/** Checks what a frame holds; undefined when it is of a kind that this page does not know. */
function inner(frame: Loose): Loose | undefined {
  const { t, kind, body } = frame
  if (t === 'event' || t === 'signal') {
    const shape = t === 'event' ? pick(bodies, kind) : pick(signals, kind)
    return shape === undefined || !isObject(body) ? undefined : { ...frame, body: fit(body, shape, `body of ${String(kind)}`) }
  }
  if (t === 'hello' && isObject(frame.snapshot)) {
    return { ...frame, snapshot: fit(frame.snapshot, snapshot, 'snapshot') }
  }
  if (t === 'hello' && frame.resumed !== true) throw new BadFrame('a hello with neither resume nor snapshot')
  return frame
}

function pick<T>(table: Readonly<Record<string, T>>, key: unknown): T | undefined {
  return typeof key === 'string' && Object.hasOwn(table, key) ? table[key] : undefined
}

/** Checks the named fields; a list that is null becomes an empty one. */
function fit(x: Loose, shape: Shape, what: string): Loose {
  const lists: Record<string, readonly []> = {}
  for (const [name, sort] of Object.entries(shape)) {
    if (sort === 'list' && (x[name] === null || x[name] === undefined)) {
      lists[name] = []
    } else if (!is(x[name], sort)) {
      throw new BadFrame(`${what}: ${name} is no ${sort}`)
    }
  }
  return { ...x, ...lists }
}

function is(x: unknown, sort: Sort): boolean {
  switch (sort) {
    case 'object':
      return isObject(x)
    case 'list':
      return Array.isArray(x)
    case 'number':
      return typeof x === 'number' && Number.isFinite(x)
    case 'string':
    case 'boolean':
      return typeof x === sort
    default:
      return sort satisfies never
  }
}

function isSeq(x: unknown): x is Seq {
  return typeof x === 'number' && Number.isSafeInteger(x) && x >= 0
}

/** After `fit` a frame is what its `t` says, as far as this page relies on it. */
function isServerFrame(x: Loose): x is Loose & ServerFrame {
  return typeof x.t === 'string' && Object.hasOwn(frames, x.t)
}

/** Writes a frame for the server. */
export function encode(frame: ClientFrame): string {
  return JSON.stringify(frame)
}
