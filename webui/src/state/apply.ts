import type { Closed, Event, EventOf, Incident, Mark, Person, Readiness, RoomId, RoomView, Seq, Snapshot } from '../wire/types.gen.ts'
import { type Core, type Line, byKey, nothing, put, without } from './core.ts'
import { type Word, follow, names, revise, told, unreply } from './window.ts'

const requestsKept = 100

/**
 * The state after an event. An event that the state holds already changes nothing, so that a snapshot and the events
 * after it make the same state as a later snapshot.
 */
export function reduce(core: Core, event: Event): Core {
  return event.seq <= core.at ? core : { ...step(core, event), at: event.seq }
}

/**
 * The state after a snapshot. It takes the place of everything that events were missed for; what was loaded besides is
 * kept on the screen, marked as stale, until it was loaded anew.
 */
export function restart(core: Core, s: Snapshot): Core {
  const kept = core.me?.id === s.me.id ? core : nothing
  const stale = <T extends { readonly stale: boolean }, K>(map: ReadonlyMap<K, T>): ReadonlyMap<K, T> =>
    new Map([...map].map(([k, v]) => [k, { ...v, stale: true }]))
  return {
    ...kept,
    at: s.at,
    me: s.me,
    settings: s.settings,
    people: byKey(s.people, (p) => p.id),
    rooms: byKey(s.rooms.map(whole), (v) => v.room.id),
    incidents: byKey(s.incidents, (i) => i.id),
    teams: byKey(s.teams, (t) => t.id),
    readiness: byKey(s.readiness, (r) => r.person),
    commands: s.commands,
    histories: stale(kept.histories),
    threads: stale(kept.threads),
    details: stale(kept.details),
  }
}

/** A room without members is told as null by some encoders. */
function whole(v: RoomView): RoomView {
  return Array.isArray(v.members) ? v : { ...v, members: [] }
}

function step(core: Core, event: Event): Core {
  switch (event.kind) {
    case 'person.created':
    case 'person.changed':
      return person(core, event.body.person)
    case 'settings.changed':
      return { ...core, settings: event.body.settings }
    case 'room.created':
      return core // who is in it hears room.joined; others find it in the directory
    case 'room.changed':
      return known(core, event.body.room.id, (v) => ({ ...v, room: grown(event.body.room, v.room) }))
    case 'room.joined':
      return joined(core, event)
    case 'room.left':
      return left(core, event)
    case 'message.posted':
      return posted(words(core, event), event)
    case 'message.edited':
      return words(renamed(core, event), event)
    case 'message.deleted':
      return words(buried(core, event), event)
    case 'incident.opened':
    case 'incident.changed':
    case 'incident.noted':
    case 'page.changed':
    case 'alert.changed':
    case 'team.changed':
    case 'schedule.changed':
    case 'policy.changed':
    case 'integration.changed':
    case 'request.received':
    case 'silence.changed':
    case 'check.changed':
      return restate(core, event)
    default:
      return event satisfies never
  }
}

/** An event whose body is a thing as it is from now on: hearing it twice changes nothing. */
export type Restating = Exclude<
  Event,
  Word | EventOf<'person.created' | 'person.changed' | 'settings.changed' | 'room.created' | 'room.changed' | 'room.joined' | 'room.left'>
>

/** Whether an event only restates a thing. */
export function isRestating(event: Event): event is Restating {
  return !/^(person|settings|room|message)\./.test(event.kind)
}

/** The state after an event that restates a thing, whenever it was heard. */
export function restate(core: Core, event: Restating): Core {
  switch (event.kind) {
    case 'incident.opened':
    case 'incident.changed':
      return { ...core, incidents: put(core.incidents, event.body.incident.id, event.body.incident) }
    case 'incident.noted':
    case 'page.changed':
    case 'alert.changed':
      return detail(core, event)
    case 'team.changed': {
      const { team, deleted } = event.body
      return { ...core, teams: deleted === true ? without(core.teams, team.id) : put(core.teams, team.id, team) }
    }
    case 'schedule.changed':
      return { ...core, schedules: listed(core.schedules, event.body.schedule.id, event.body.schedule, event.body.deleted) }
    case 'policy.changed':
      return { ...core, policies: listed(core.policies, event.body.policy.id, event.body.policy, event.body.deleted) }
    case 'integration.changed':
      return { ...core, integrations: listed(core.integrations, event.body.integration.id, event.body.integration, event.body.deleted) }
    case 'request.received': {
      const { request } = event.body
      const list = core.requests.get(request.integration)
      if (list === undefined) return core
      const next = [request, ...list.filter((r) => r.id !== request.id)].slice(0, requestsKept)
      return { ...core, requests: put(core.requests, request.integration, next) }
    }
    case 'silence.changed':
      return { ...core, silences: listed(core.silences, event.body.silence.id, event.body.silence, event.body.silence.ended !== undefined) }
    case 'check.changed':
      return { ...core, checks: listed(core.checks, event.body.check.name, event.body.check, false) }
    default:
      return event satisfies never
  }
}

/** A list that was loaded, with one thing as it is now; a list that was not stays so. */
function listed<K, V>(map: ReadonlyMap<K, V> | undefined, key: K, value: V, gone: boolean | undefined): ReadonlyMap<K, V> | undefined {
  if (map === undefined) return undefined
  return gone === true ? without(map, key) : put(map, key, value)
}

function person(core: Core, p: Person): Core {
  return { ...core, people: put(core.people, p.id, p), me: core.me?.id === p.id ? p : core.me }
}

/** Changes a room of the list; one that is not in it stays out. */
function known(core: Core, room: RoomId, fn: (v: RoomView) => RoomView): Core {
  const v = core.rooms.get(room)
  if (v === undefined) return core
  const next = fn(v)
  return next === v ? core : { ...core, rooms: put(core.rooms, room, next) }
}

/** A room as told, which never has fewer messages than were seen in it. */
function grown(room: RoomView['room'], was: RoomView['room']): RoomView['room'] {
  return room.count >= was.count ? room : { ...room, count: was.count, lastSeq: was.lastSeq, lastTime: was.lastTime }
}

function joined(core: Core, { seq, body }: EventOf<'room.joined'>): Core {
  const { room, person, members, total } = body
  const was = core.rooms.get(room.id)
  if (person !== core.me?.id) {
    return known(core, room.id, (v) => ({ ...v, room: grown(room, v.room), total, members: v.members.includes(person) || v.members.length >= 200 ? v.members : [...v.members, person] }))
  }
  if (was?.joined === true) return core
  const fresh: RoomView = {
    room: was === undefined ? room : grown(room, was.room),
    members: [person, ...members.filter((p) => p !== person)].slice(0, 200),
    total,
    joined: true,
    mark: { room: room.id, seq, ordinal: room.count },
    unread: 0,
    mentions: 0,
  }
  // What was read of it from outside was not kept current.
  const history = core.histories.get(room.id)
  const histories = history === undefined ? core.histories : put(core.histories, room.id, { ...history, stale: true })
  const threads = new Map([...core.threads].map(([root, t]) => [root, t.root.room === room.id ? { ...t, stale: true } : t]))
  return { ...core, rooms: put(core.rooms, room.id, fresh), histories, threads }
}

function left(core: Core, { body: { room, person } }: EventOf<'room.left'>): Core {
  if (person === core.me?.id) return close(core, { room })
  return known(core, room, (v) => ({ ...v, total: Math.max(0, v.total - 1), members: v.members.filter((p) => p !== person) }))
}

/** Applies an event about messages to what is held of its room and of its thread. */
function words(core: Core, event: Word): Core {
  const room = event.kind === 'message.posted' ? event.body.message.room : event.body.room
  const history = core.histories.get(room)
  const next = history === undefined ? undefined : follow(history, { room }, event)
  const histories = next === undefined || next === history ? core.histories : put(core.histories, room, next)
  return threads({ ...core, histories }, event, room)
}

function threads(core: Core, event: Word, room: RoomId): Core {
  for (const [id, t] of core.threads) {
    if (t.root.room !== room) continue
    const heard = follow(t, { root: id }, event)
    const root = event.kind === 'message.deleted' ? unreply(revise(t.root, event), event) : revise(t.root, event)
    if (heard !== t || root !== t.root) core = { ...core, threads: put(core.threads, id, { ...heard, root }) }
  }
  return core
}

/** Counts a message that was just posted. The room's ordinal tells whether it was counted already. */
function posted(core: Core, event: EventOf<'message.posted'>): Core {
  const me = core.me?.id
  const m = told(event)
  return known(core, m.room, (v) => {
    const naming = v.joined && me !== undefined && names(m, me) && event.seq > v.mark.seq ? 1 : 0
    if (m.thread !== undefined) return naming === 0 || v.room.kind === 'direct' ? v : { ...v, mentions: v.mentions + naming }
    const ordinal = m.ordinal ?? v.room.count + 1
    if (ordinal <= v.room.count) return v
    const room = { ...v.room, count: ordinal, lastSeq: m.id, lastTime: m.time }
    if (!v.joined) return { ...v, room }
    if (m.author === me) return { ...v, room, mark: { room: m.room, seq: m.id, ordinal }, unread: 0, mentions: 0 }
    const unread = v.unread + 1
    return { ...v, room, unread, mentions: v.room.kind === 'direct' ? unread : v.mentions + naming }
  })
}

/** An edit may begin or cease to name this person. */
function renamed(core: Core, event: EventOf<'message.edited'>): Core {
  const { message, room, mentions, superseded } = event.body
  const me = core.me?.id
  const was = held(core, room, message)
  if (me === undefined || was === undefined || superseded === true || was.author === me) return core
  const change = Number(mentions?.includes(me) ?? false) - Number(names(was, me))
  return known(core, room, (v) =>
    change === 0 || v.room.kind === 'direct' || !v.joined || message <= v.mark.seq ? v : { ...v, mentions: Math.max(0, v.mentions + change) },
  )
}

/** A deleted message is not unread any more. */
function buried(core: Core, event: EventOf<'message.deleted'>): Core {
  const { message, room, thread } = event.body
  const me = core.me?.id
  const was = held(core, room, message)
  return known(core, room, (v) => {
    if (!v.joined || message <= v.mark.seq) return v
    const unread = thread === undefined ? Math.max(0, v.unread - 1) : v.unread
    if (v.room.kind === 'direct') return { ...v, unread, mentions: unread }
    const naming = me !== undefined && was !== undefined && names(was, me) ? 1 : 0
    return { ...v, unread, mentions: Math.max(0, v.mentions - naming) }
  })
}

/** A message as far as this page holds it. */
export function held(core: Core, room: RoomId, message: Seq): Line | undefined {
  const found = core.histories.get(room)?.lines.findLast((l) => l.id === message)
  if (found !== undefined) return found
  for (const t of core.threads.values()) {
    if (t.root.id === message) return t.root
    const reply = t.lines.find((l) => l.id === message)
    if (reply !== undefined) return reply
  }
  return undefined
}

function detail(core: Core, event: EventOf<'incident.noted'> | EventOf<'page.changed'> | EventOf<'alert.changed'>): Core {
  const n = incidentOf(event)
  const d = core.details.get(n)
  if (d === undefined) return core
  switch (event.kind) {
    case 'incident.noted': {
      const { entry } = event.body
      const timeline = [...d.timeline.filter((e) => e.n !== entry.n), entry].toSorted((a, b) => a.n - b.n)
      return { ...core, details: put(core.details, n, { ...d, timeline }) }
    }
    case 'page.changed':
      return { ...core, details: put(core.details, n, { ...d, pages: upsert(d.pages, event.body.page, (p) => p.id) }) }
    case 'alert.changed':
      return { ...core, details: put(core.details, n, { ...d, rows: upsert(d.rows, event.body.row, (r) => r.alert.key) }) }
    default:
      return event satisfies never
  }
}

function incidentOf(event: EventOf<'incident.noted'> | EventOf<'page.changed'> | EventOf<'alert.changed'>): Incident['id'] {
  switch (event.kind) {
    case 'incident.noted':
      return event.body.entry.incident
    case 'page.changed':
      return event.body.page.incident
    case 'alert.changed':
      return event.body.row.incident
    default:
      return event satisfies never
  }
}

function upsert<T>(list: readonly T[], value: T, key: (t: T) => string): readonly T[] {
  const at = list.findIndex((t) => key(t) === key(value))
  return at < 0 ? [...list, value] : list.with(at, value)
}

/** The state after this person read a room so far, here or elsewhere. A mark never goes back. */
export function marked(core: Core, mark: Mark): Core {
  return known(core, mark.room, (v) => {
    if (!v.joined || mark.seq <= v.mark.seq) return v
    const unread = mark.seq >= v.room.lastSeq ? 0 : Math.min(v.unread, Math.max(0, v.room.count - mark.ordinal))
    return { ...v, mark, unread, mentions: unread === 0 ? 0 : v.room.kind === 'direct' ? unread : v.mentions }
  })
}

/** The state after it is known how well somebody can be rung. */
export function ready(core: Core, r: Readiness): Core {
  return { ...core, readiness: put(core.readiness, r.person, r) }
}

/** The state without a room that may not be read any more, and without anything said there. */
export function close(core: Core, { room }: Closed): Core {
  const threads = new Map([...core.threads].filter(([, t]) => t.root.room !== room))
  return { ...core, rooms: without(core.rooms, room), histories: without(core.histories, room), threads }
}
