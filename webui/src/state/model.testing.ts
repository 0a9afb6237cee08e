// A plain model of the server for the tests of the law: it holds everything, tells events, and answers with snapshots and
// pages, all computed from what it holds and nothing from `apply`.
import { incidentId, millis, personId, roomId, seq } from '../wire/brand.ts'
import type { HistoryPage, Told } from '../wire/rest.ts'
import type { Event, EventKind, EventOf, Incident, Person, PersonId, Room, RoomId, RoomView, Seq, Snapshot } from '../wire/types.gen.ts'

interface Place {
  room: Room
  members: PersonId[]
  messages: Told[] // replies too
  mark: { seq: number; ordinal: number } // of the reader
}

export const reader = personId('u_me')

export class Model {
  readonly #random: () => number
  at = 0
  people = new Map<PersonId, Person>()
  rooms = new Map<RoomId, Place>()
  incidents = new Map<number, Incident>()
  teamName = 'team'
  /** What the reader is told, in order. */
  outgoing: Event[] = []

  constructor(random: () => number) {
    this.#random = random
    for (const h of ['me', 'ann', 'bo']) this.people.set(personId('u_' + h), person('u_' + h, h))
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.#random() * list.length)]
  }

  chance(p: number): boolean {
    return this.#random() < p
  }

  /** Lets something happen. */
  step(): void {
    const does = this.pick([this.#person, this.#settings, this.#room, this.#membership, this.#membership, this.#change, this.#incident, this.#edit, this.#edit, this.#delete, ...Array<() => void>(9).fill(this.#post)])
    does?.call(this)
  }

  mine(): readonly Place[] {
    return [...this.rooms.values()].filter((p) => p.members.includes(reader))
  }

  snapshot(): Snapshot {
    const me = this.people.get(reader)
    if (me === undefined) throw new Error('no reader')
    return {
      at: seq(this.at), me, settings: { teamName: this.teamName }, people: [...this.people.values()],
      rooms: this.mine().filter((p) => p.room.archived !== true).map((p) => this.view(p)),
      incidents: [...this.incidents.values()], teams: [], readiness: [], commands: [],
    }
  }

  view(p: Place): RoomView {
    const joined = p.members.includes(reader)
    const alive = p.messages.filter((m) => m.deleted === undefined)
    const unread = joined ? alive.filter((m) => m.thread === undefined && (m.ordinal ?? 0) > p.mark.ordinal).length : 0
    const named = joined ? alive.filter((m) => m.id > p.mark.seq && m.author !== reader && (m.mentions?.includes(reader) ?? false)).length : 0
    return {
      room: p.room, members: [...p.members].sort((a, b) => Number(b === reader) - Number(a === reader)), total: p.members.length, joined,
      mark: { room: p.room.id, seq: seq(p.mark.seq), ordinal: p.mark.ordinal }, unread, mentions: p.room.kind === 'direct' ? unread : named,
    }
  }

  /** All that a room or a thread holds, in order. */
  lines(room: RoomId, root?: Seq): readonly Told[] {
    return (this.rooms.get(room)?.messages ?? []).filter((m) => m.thread === root).toSorted((a, b) => a.time - b.time || a.id - b.id)
  }

  page(all: readonly Told[], place: URLSearchParams): HistoryPage {
    const limit = 7
    const [before, after, around] = ['before', 'after', 'around'].map((k) => all.findIndex((m) => String(m.id) === place.get(k)))
    const from = place.has('before') ? Math.max(0, (before ?? 0) - limit) : place.has('after') ? (after ?? 0) + 1 : place.has('around') ? Math.max(0, (around ?? 0) - 3) : Math.max(0, all.length - limit)
    const to = place.has('before') ? (before ?? 0) : Math.min(all.length, from + limit)
    return { messages: all.slice(from, to), older: from > 0, newer: to < all.length, at: seq(this.at) }
  }

  /** The reader reads a room to its end. */
  read(p: Place): void {
    p.mark = { seq: this.at, ordinal: p.room.count }
  }

  #emit<K extends EventKind>(kind: K, body: EventOf<K>['body'], told: boolean, make: (e: EventOf<K>) => Event): void {
    this.at += 1 + Math.floor(this.#random() * 2)
    const event = make({ seq: seq(this.at), time: millis(this.at * 10), kind, body })
    if (told) this.outgoing.push(event)
  }

  #person(): void {
    const id = 'u_' + Math.floor(this.#random() * 6)
    const p = person(id, id.slice(2) + this.at)
    const kind = this.people.has(p.id) ? 'person.changed' : 'person.created'
    this.people.set(p.id, p)
    this.#emit(kind, { person: p }, true, (e) => e)
  }

  #settings(): void {
    this.teamName = `team ${this.at}`
    this.#emit('settings.changed', { settings: { teamName: this.teamName } }, true, (e) => e)
  }

  #room(): void {
    if (this.rooms.size > 5) return
    const kind = this.pick(['public', 'private', 'direct'] as const) ?? 'public'
    const room: Room = { id: roomId('r_' + this.at), kind, name: 'n' + this.at, created: millis(0), by: reader, count: 0, lastSeq: seq(0), lastTime: millis(0) }
    this.rooms.set(room.id, { room, members: [], messages: [], mark: { seq: 0, ordinal: 0 } })
    this.#emit('room.created', { room }, kind === 'public', (e) => e)
    for (const p of [reader, personId('u_ann')]) if (this.chance(0.9)) this.#join(this.rooms.get(room.id), p)
  }

  #join(p: Place | undefined, who: PersonId): void {
    if (p === undefined || p.members.includes(who)) return
    p.members.push(who)
    if (who === reader) p.mark = { seq: this.at, ordinal: p.room.count }
    this.#emit('room.joined', { room: p.room, person: who, members: p.members.slice(), total: p.members.length }, p.members.includes(reader), (e) => e)
  }

  #membership(): void {
    const p = this.pick([...this.rooms.values()])
    const who = this.pick([...this.people.keys()])
    if (p === undefined || who === undefined || p.room.archived === true) return
    if (!p.members.includes(who)) return this.#join(p, who)
    if (p.room.kind === 'direct' || !this.chance(0.4)) return
    const told = p.members.includes(reader)
    p.members = p.members.filter((m) => m !== who)
    this.#emit('room.left', { room: p.room.id, person: who, by: who }, told, (e) => e)
  }

  #change(): void {
    const p = this.pick([...this.rooms.values()])
    if (p === undefined || p.room.kind === 'direct') return
    p.room = { ...p.room, topic: `topic ${this.at}` }
    this.#emit('room.changed', { room: p.room }, p.members.includes(reader) || p.room.kind === 'public', (e) => e)
  }

  #incident(): void {
    const n = incidentId(1 + Math.floor(this.#random() * 3))
    const was = this.incidents.get(n)
    const state = this.pick(['triggered', 'acknowledged', 'resolved'] as const) ?? 'triggered'
    const incident: Incident = { id: n, key: 'k', title: `t${this.at}`, severity: 'critical', state, room: roomId('r'), from: roomId('r'), route: '', firing: 1, alerts: 1, repeats: 0, opened: millis(1) }
    this.incidents.set(n, incident)
    this.#emit(was === undefined ? 'incident.opened' : 'incident.changed', { incident }, true, (e) => e)
  }

  #post(): void {
    const p = this.pick([...this.rooms.values()])
    const author = this.pick(p?.members ?? [])
    if (p === undefined || author === undefined) return
    const root = this.chance(0.3) ? this.pick(p.messages.filter((m) => m.thread === undefined)) : undefined
    const mentions = this.chance(0.3) ? [reader] : []
    const ordinal = p.room.count + 1
    const body = {
      room: p.room.id, author, text: `said at ${this.at}`, nonce: `n${this.at}`,
      ...(mentions.length === 0 ? {} : { mentions }), ...(root === undefined ? { ordinal } : { thread: root.id }),
    }
    this.#emit('message.posted', { message: body }, p.members.includes(reader), (e) => e)
    const m: Told = { ...body, id: seq(this.at), time: millis(this.at * 10) }
    p.messages.push(m)
    if (root === undefined) {
      p.room = { ...p.room, count: ordinal, lastSeq: m.id, lastTime: m.time }
      if (author === reader) p.mark = { seq: m.id, ordinal }
    } else {
      this.#set(p, root.id, (r) => ({ ...r, replies: (r.replies ?? 0) + 1, lastReply: m.time }))
    }
  }

  #edit(): void {
    const [p, m] = this.#message()
    if (p === undefined || m === undefined) return
    const mentions = this.chance(0.5) ? [reader] : undefined
    const body = { message: m.id, room: p.room.id, text: `edited at ${this.at}`, edited: millis(this.at), ...(mentions === undefined ? {} : { mentions }) }
    this.#emit('message.edited', body, p.members.includes(reader), (e) => e)
    const { mentions: _, ...rest } = m
    this.#set(p, m.id, () => ({ ...rest, text: body.text, edited: body.edited, ...(mentions === undefined ? {} : { mentions }) }))
  }

  #delete(): void {
    const [p, m] = this.#message()
    if (p === undefined || m === undefined) return
    const deleted = millis(this.at + 1)
    this.#emit('message.deleted', { message: m.id, room: p.room.id, deleted, by: m.author, ...(m.thread === undefined ? {} : { thread: m.thread }) }, p.members.includes(reader), (e) => e)
    const { mentions: _m, edited: _e, ...rest } = m
    this.#set(p, m.id, () => ({ ...rest, text: '', deleted }))
    if (m.thread !== undefined) this.#set(p, m.thread, (r) => ({ ...r, replies: (r.replies ?? 1) - 1 }))
  }

  #message(): readonly [Place | undefined, Told | undefined] {
    const p = this.pick([...this.rooms.values()])
    return [p, this.pick(p?.messages.filter((m) => m.deleted === undefined) ?? [])]
  }

  #set(p: Place, id: Seq, fn: (m: Told) => Told): void {
    p.messages = p.messages.map((m) => (m.id === id ? fn(m) : m))
  }
}

function person(id: string, handle: string): Person {
  return { id: personId(id), handle, name: handle, role: 'member', created: millis(0) }
}

/** Numbers that look random and are the same for the same seed. */
export function dice(seed: number): () => number {
  let s = seed
  return () => {
    s = (s + 0x6d2b79f5) | 0
    let t = Math.imul(s ^ (s >>> 15), 1 | s)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
