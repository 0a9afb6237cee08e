import type { Api } from '../wire/api.ts'
import type { IncidentId, IntegrationId, PersonId, RoomId } from '../wire/types.gen.ts'
import { isRestating, restate } from './apply.ts'
import { type Core, byKey, put } from './core.ts'
import type { Store } from './state.ts'

/**
 * Loads what no snapshot holds; events keep it current from then on. Each may be called as often as a view likes: what
 * is being loaded is not loaded twice. All reject with ApiError.
 */
export class Lists {
  readonly #api: Api
  readonly #store: Store
  readonly #running = new Map<string, Promise<void>>()

  constructor(api: Api, store: Store) {
    this.#api = api
    this.#store = store
  }

  /** An incident with its alerts, timeline and pages. */
  incident(n: IncidentId): Promise<void> {
    const held = this.#store.core.peek().details.get(n)
    if (held !== undefined && !held.stale) return Promise.resolve()
    return this.#load(`incident ${n}`, () => this.#api.incidents.read(n), (core, { incident, rows, timeline, pages }) => ({
      ...core,
      incidents: put(core.incidents, n, incident),
      details: put(core.details, n, { rows, timeline, pages, stale: false }),
    }))
  }

  /** Incidents that the snapshot left out, because they were resolved long ago. Returns how many there were. */
  async pastIncidents(before?: IncidentId, limit = 50): Promise<number> {
    const list = await this.#api.incidents.list({ state: 'resolved', limit, ...(before === undefined ? {} : { before }) })
    this.#store.update((core) => ({ ...core, incidents: new Map([...list.map((i) => [i.id, i] as const), ...core.incidents]) }))
    return list.length
  }

  /** A room that may be read and is not in the list of rooms. */
  room(id: RoomId): Promise<void> {
    if (this.#store.core.peek().rooms.has(id)) return Promise.resolve()
    return this.#load(`room ${id}`, () => this.#api.rooms.read(id), (core, view) => (core.rooms.has(id) ? core : { ...core, rooms: put(core.rooms, id, view) }))
  }

  schedules(): Promise<void> {
    return this.#load('schedules', this.#api.oncall.schedules.list, (core, list) => ({ ...core, schedules: byKey(list, (s) => s.id) }))
  }

  policies(): Promise<void> {
    return this.#load('policies', this.#api.oncall.policies.list, (core, list) => ({ ...core, policies: byKey(list, (p) => p.id) }))
  }

  integrations(): Promise<void> {
    return this.#load('integrations', this.#api.integrations.list, (core, list) => ({ ...core, integrations: byKey(list, (i) => i.id) }))
  }

  requests(of: IntegrationId): Promise<void> {
    return this.#load(`requests ${of}`, () => this.#api.integrations.requests(of), (core, list) => ({ ...core, requests: put(core.requests, of, list) }))
  }

  silences(): Promise<void> {
    return this.#load('silences', this.#api.silences.list, (core, list) => ({ ...core, silences: byKey(list, (s) => s.id) }))
  }

  checks(): Promise<void> {
    return this.#load('checks', this.#api.checks, (core, list) => ({ ...core, checks: byKey(list, (c) => c.name) }))
  }

  /** How well people can be rung; without names, everybody on call. */
  readiness(people: readonly PersonId[] = []): Promise<void> {
    return this.#load(`readiness ${people.join()}`, () => this.#api.oncall.readiness(people), (core, list) => ({
      ...core,
      readiness: new Map([...core.readiness, ...list.map((r) => [r.person, r] as const)]),
    }))
  }

  /** Loads again what was loaded before, after events were missed. */
  refresh(): void {
    const core = this.#store.core.peek()
    const again: readonly (false | Promise<void>)[] = [
      core.schedules !== undefined && this.schedules(),
      core.policies !== undefined && this.policies(),
      core.integrations !== undefined && this.integrations(),
      core.silences !== undefined && this.silences(),
      core.checks !== undefined && this.checks(),
      ...[...core.requests.keys()].map((of) => this.requests(of)),
      ...[...core.details].filter(([, d]) => d.stale).map(([n]) => this.incident(n)),
    ]
    for (const one of again) if (one !== false) one.catch(() => undefined) // the next reset tries again, and views say so
  }

  #load<T>(name: string, ask: () => Promise<T>, place: (core: Core, answer: T) => Core): Promise<void> {
    const running = this.#running.get(name)
    if (running !== undefined) return running
    const started = this.#take(ask, place).finally(() => this.#running.delete(name))
    this.#running.set(name, started)
    return started
  }

  async #take<T>(ask: () => Promise<T>, place: (core: Core, answer: T) => Core): Promise<void> {
    const recording = this.#store.record()
    try {
      const answer = await ask()
      if (!recording.broken()) {
        this.#store.update((core) => recording.events.filter(isRestating).reduce(restate, place(core, answer)))
        return
      }
    } finally {
      recording.stop()
    }
    await this.#take(ask, place)
  }
}
