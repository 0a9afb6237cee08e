import { type ReadonlySignal, computed } from '@preact/signals-core'
import { flat, parse } from '../lib/markdown.ts'
import type { Incident, IncidentId, Person, PersonId, RoomId, RoomView, Seq } from '../wire/types.gen.ts'
import type { Line } from './core.ts'
import type { Outbox, Pending } from './outbox.ts'
import { type Store, keyed } from './state.ts'

/** A room as the list shows it. */
export interface RoomItem {
  readonly view: RoomView
  readonly title: string
  readonly incident?: Incident // of a priority room
  readonly unread: number
  readonly mentions: number
  readonly people: readonly Person[] // of a direct room, without the reader
}

/** The list of rooms in its order. */
export interface RoomList {
  readonly priority: readonly RoomItem[]
  readonly rooms: readonly RoomItem[]
  readonly direct: readonly RoomItem[]
}

/** What lies across the top of the screen. */
export interface Banner {
  readonly incident: Incident
  readonly kind: 'ringing' | 'responding' | 'senderDone'
  readonly since: number // when this banner appeared here
  readonly more: number // how many others there would be
}

/** Messages of a room or a thread, with those that are on their way there. */
export interface Lines {
  readonly lines: readonly Line[]
  readonly pending: readonly Pending[]
}

const none: Lines = { lines: [], pending: [] }

/** Whether an incident rings somebody now. */
export function rings(i: Incident, person: PersonId | undefined, now: number): boolean {
  return i.state === 'triggered' && i.severity === 'critical' && person !== undefined && (i.ringing?.includes(person) ?? false) && !isSilenced(i, now)
}

/** Whether an incident is kept from ringing. */
export function isSilenced(i: Incident, now: number): boolean {
  return i.silencedTill !== undefined && (i.silencedTill === -1 || i.silencedTill > now)
}

/** Everything that follows from what this page knows. */
export class Derived {
  readonly #store: Store
  readonly #outbox: Outbox

  constructor(store: Store, outbox: Outbox) {
    this.#store = store
    this.#outbox = outbox
  }

  readonly roomList: ReadonlySignal<RoomList> = computed(() => this.#roomList())

  /** Critical incidents that ring this person, the newest first. */
  readonly ringing: ReadonlySignal<readonly Incident[]> = stable(() => {
    const me = this.#store.me.value?.id
    const now = this.#store.now.value
    return [...this.#store.incidents.value.values()].filter((i) => rings(i, me, now)).toSorted((a, b) => b.opened - a.opened || b.id - a.id)
  })

  /** What is not resolved: critical before low, triggered before acknowledged, the newest first. */
  readonly openIncidents: ReadonlySignal<readonly Incident[]> = stable(() =>
    [...this.#store.incidents.value.values()].filter((i) => i.state !== 'resolved').toSorted((a, b) => rank(a) - rank(b) || b.opened - a.opened || b.id - a.id),
  )

  readonly #candidates = stable(() => this.#banners())
  readonly #appeared = new Map<string, number>()

  readonly banner: ReadonlySignal<Banner | undefined> = computed(() => {
    const [first, ...more] = this.#candidates.value
    if (first === undefined) return undefined
    const key = `${first.id} ${kindOf(first, this.#store.me.value?.id)}`
    if (!this.#appeared.has(key)) {
      this.#appeared.clear()
      this.#appeared.set(key, Date.now())
    }
    const kind = kindOf(first, this.#store.me.value?.id)
    const others = kind === 'ringing' ? this.ringing.value.length - 1 : more.length // what I took already does not ring besides
    return { incident: first, kind, since: this.#appeared.get(key) ?? Date.now(), more: others }
  })

  readonly unread: ReadonlySignal<{ readonly unread: number; readonly mentions: number }> = computed(() => {
    let [unread, mentions] = [0, 0]
    for (const v of this.#store.rooms.value.values()) {
      if (!v.joined || v.room.archived === true) continue
      unread += v.unread
      mentions += v.mentions
    }
    return { unread, mentions }
  })

  /** What the tab is called. */
  readonly title: ReadonlySignal<string> = computed(() => {
    const [ringing] = this.ringing.value
    if (ringing !== undefined) return `\u25cf ${ringing.title} - #${ringing.id}`
    const { mentions } = this.unread.value
    const route = this.#store.route.value
    const view = route.page === 'room' ? this.#store.rooms.value.get(route.room) : undefined
    const where = view === undefined ? (this.#store.settings.value.teamName || 'Watchroom') : `${this.roomTitle(view)} - Watchroom`
    return mentions > 0 ? `(${mentions}) ${where}` : where
  })

  readonly isAdmin: ReadonlySignal<boolean> = computed(() => {
    const role = this.#store.me.value?.role
    return role === 'owner' || role === 'admin'
  })

  readonly lines: (room: RoomId) => ReadonlySignal<Lines> = keyed((room) => {
    const pending = stable(() => this.#outbox.pending.value.filter((p) => p.room === room && p.thread === undefined))
    return computed(() => this.#merge(this.#store.history(room).value?.lines, pending.value))
  })

  readonly threadLines: (root: Seq) => ReadonlySignal<Lines> = keyed((root) => {
    const pending = stable(() => this.#outbox.pending.value.filter((p) => p.thread === root))
    return computed(() => this.#merge(this.#store.thread(root).value?.lines, pending.value))
  })

  /** Leaves out what is on the screen already: a message that is both said and pending is said. */
  #merge(lines: readonly Line[] | undefined, pending: readonly Pending[]): Lines {
    if (lines === undefined && pending.length === 0) return none
    const me = this.#store.me.peek()?.id
    const arrived = new Set(pending.length === 0 ? [] : lines?.slice(-200).flatMap((l) => (l.author === me && l.nonce !== undefined ? [l.nonce] : [])))
    return { lines: lines ?? [], pending: pending.filter((p) => !arrived.has(p.nonce)) }
  }

  #roomList(): RoomList {
    const items = [...this.#store.rooms.value.values()].filter((v) => v.joined && v.room.archived !== true).map((v) => this.#item(v))
    const priority = items.filter((i) => i.view.room.priority === true)
    const rest = items.filter((i) => i.view.room.priority !== true)
    return {
      priority: priority.toSorted((a, b) => urgency(a) - urgency(b) || (b.view.room.incident ?? 0) - (a.view.room.incident ?? 0)),
      rooms: rest.filter((i) => i.view.room.kind !== 'direct').toSorted((a, b) => a.title.localeCompare(b.title)), // nothing moves under the pointer
      direct: rest.filter((i) => i.view.room.kind === 'direct').toSorted((a, b) => noise(a) - noise(b) || b.view.room.lastTime - a.view.room.lastTime || a.title.localeCompare(b.title)),
    }
  }

  #item(view: RoomView): RoomItem {
    const incident = view.room.incident === undefined ? undefined : this.#store.incidents.value.get(view.room.incident)
    const people = view.room.kind === 'direct' ? this.#others(view) : []
    return { view, title: this.roomTitle(view), ...(incident === undefined ? {} : { incident }), unread: view.unread, mentions: view.mentions, people }
  }

  #others(view: RoomView): readonly Person[] {
    const me = this.#store.me.value?.id
    return view.members.filter((p) => p !== me).flatMap((p) => this.#store.people.value.get(p) ?? [])
  }

  #banners(): readonly Incident[] {
    const me = this.#store.me.value?.id
    const ringing = this.ringing.value
    const mine = this.openIncidents.value.filter((i) => i.severity === 'critical' && !ringing.includes(i) && kindOf(i, me) !== undefined && this.responds(i))
    return [...ringing, ...mine.filter((i) => i.senderDone === true), ...mine.filter((i) => i.senderDone !== true)]
  }

  /** Whether this person works on an open incident: owns it, or was rung for it and nobody owns it yet. */
  responds(i: Incident): boolean {
    const me = this.#store.me.value?.id
    return me !== undefined && (i.owner === me || (i.state === 'triggered' && (i.paged?.includes(me) ?? false)))
  }

  /** Whether the key that acknowledges works: only for somebody who is being rung. */
  mayAck(n: IncidentId): boolean {
    return this.ringing.value.some((i) => i.id === n)
  }

  /** Who works on an incident: its owner, and whom it rang. */
  responders(i: Incident): readonly Person[] {
    const ids = new Set([...(i.owner === undefined ? [] : [i.owner]), ...(i.paged ?? [])])
    return [...ids].flatMap((p) => this.#store.people.value.get(p) ?? [])
  }

  person(id: PersonId): Person | undefined {
    return this.#store.people.value.get(id)
  }

  personName(id: PersonId): string {
    const p = this.person(id)
    return p === undefined ? 'somebody' : p.name || p.handle
  }

  byHandle(handle: string): Person | undefined {
    return this.#handles.value.get(handle)
  }

  readonly #handles = computed(() => new Map([...this.#store.people.value.values()].map((p) => [p.handle, p])))

  /** What a room is called: "#ops", or the people of a direct room. */
  roomTitle(view: RoomView): string {
    if (view.room.kind !== 'direct') return '#' + view.room.name
    const names = this.#others(view).map((p) => p.name || p.handle)
    return names.length === 0 ? 'You' : names.join(', ')
  }

  roomByName(name: string): RoomView | undefined {
    return [...this.#store.rooms.value.values()].find((v) => v.room.name === name && v.room.archived !== true)
  }

  /** A message's text on one line, without its marks. */
  preview(text: string, length = 140): string {
    const line = flat(parse(text))
    return line.length <= length ? line : line.slice(0, length - 1).trimEnd() + '\u2026'
  }
}

function kindOf(i: Incident, me: PersonId | undefined): Banner['kind'] {
  if (i.senderDone === true) return 'senderDone'
  return i.state === 'triggered' && me !== undefined && (i.ringing?.includes(me) ?? false) ? 'ringing' : 'responding'
}

function rank(i: Incident): number {
  const severity = { critical: 0, low: 2, info: 4 }[i.severity]
  return severity + (i.state === 'triggered' ? 0 : 1)
}

function urgency({ incident }: RoomItem): number {
  return incident === undefined ? 9 : incident.state === 'resolved' ? 8 : rank(incident)
}

function noise(i: RoomItem): number {
  return i.mentions > 0 ? 0 : i.unread > 0 ? 1 : 2
}

/** A computed list that stays the same object while it holds the same things, so that views rest. */
function stable<T>(make: () => readonly T[]): ReadonlySignal<readonly T[]> {
  let last: readonly T[] = []
  return computed(() => {
    const next = make()
    if (next.length !== last.length || next.some((v, i) => v !== last[i])) last = next
    return last
  })
}
