// What this page knows, as plain data. Nothing here changes in place: `apply` and `window` make the next from the last.
import type { Told } from '../wire/rest.ts'
import { seq } from '../wire/brand.ts'
import type {
  CheckState, CommandHelp, Entry, Incident, IncidentId, Integration, IntegrationId, Millis, Page, Person, PersonId, Policy, PolicyId,
  Readiness, Request, RoomId, RoomView, Row, Schedule, ScheduleId, Seq, Settings, Silence, SilenceId, Team, TeamId,
} from '../wire/types.gen.ts'

/** A message as a window holds it. Events up to asOf are in it already. */
export interface Line extends Told {
  readonly asOf: Seq
}

/** A stretch of a room's messages or of a thread's replies, without gaps, oldest first. */
export interface History {
  readonly lines: readonly Line[]
  readonly older: boolean // there are older ones that are not held
  readonly newer: boolean
  readonly at: Seq // what was posted up to here is held, or lies outside the stretch
  readonly stale: boolean // events were missed: it must be loaded anew
}

/** The replies to a message, and the message. */
export interface Thread extends History {
  readonly root: Line
}

/** What an incident consists of besides itself. */
export interface IncidentParts {
  readonly rows: readonly Row[]
  readonly timeline: readonly Entry[]
  readonly pages: readonly Page[]
  readonly stale: boolean
}

/** Everything that this page knows. What is undefined was not asked for yet. */
export interface Core {
  readonly at: Seq
  readonly me: Person | undefined
  readonly settings: Settings
  readonly people: ReadonlyMap<PersonId, Person>
  readonly rooms: ReadonlyMap<RoomId, RoomView>
  readonly incidents: ReadonlyMap<IncidentId, Incident>
  readonly teams: ReadonlyMap<TeamId, Team>
  readonly readiness: ReadonlyMap<PersonId, Readiness>
  readonly commands: readonly CommandHelp[]
  readonly histories: ReadonlyMap<RoomId, History>
  readonly threads: ReadonlyMap<Seq, Thread>
  readonly details: ReadonlyMap<IncidentId, IncidentParts>
  readonly schedules: ReadonlyMap<ScheduleId, Schedule> | undefined
  readonly policies: ReadonlyMap<PolicyId, Policy> | undefined
  readonly integrations: ReadonlyMap<IntegrationId, Integration> | undefined
  readonly silences: ReadonlyMap<SilenceId, Silence> | undefined
  readonly checks: ReadonlyMap<string, CheckState> | undefined
  readonly requests: ReadonlyMap<IntegrationId, readonly Request[]>
}

/** What is known before the first snapshot. */
export const nothing: Core = {
  at: seq(0),
  me: undefined,
  settings: { teamName: '' },
  people: new Map(),
  rooms: new Map(),
  incidents: new Map(),
  teams: new Map(),
  readiness: new Map(),
  commands: [],
  histories: new Map(),
  threads: new Map(),
  details: new Map(),
  schedules: undefined,
  policies: undefined,
  integrations: undefined,
  silences: undefined,
  checks: undefined,
  requests: new Map(),
}

/** A copy of map with value under key. */
export function put<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return new Map(map).set(key, value)
}

/** A copy of map without key; map itself when it has none. */
export function without<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  if (!map.has(key)) return map
  const copy = new Map(map)
  copy.delete(key)
  return copy
}

/** A list as a map from what names each. */
export function byKey<K, V>(list: readonly V[], key: (v: V) => K): ReadonlyMap<K, V> {
  return new Map(list.map((v) => [key(v), v]))
}

/** A moment's place in a room: by time, then by Seq. */
export function before(a: { readonly time: Millis; readonly id: Seq }, b: { readonly time: Millis; readonly id: Seq }): boolean {
  return a.time < b.time || (a.time === b.time && a.id < b.id)
}
