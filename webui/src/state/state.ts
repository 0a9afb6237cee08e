import { type ReadonlySignal, type Signal, computed, signal } from '@preact/signals-core'
import type { Connection } from '../wire/socket.ts'
import type { Event, Incident, IncidentId, IntegrationId, Request, RoomId, RoomView, Seq, Snapshot } from '../wire/types.gen.ts'
import { reduce, restart } from './apply.ts'
import { type Core, type History, type IncidentParts, type Thread, nothing } from './core.ts'
import type { Route } from './route.ts'

/** An answer that only its asker sees; a reload forgets it. */
export interface Ephemeral {
  readonly nonce: string
  readonly room: RoomId
  readonly text: string
  readonly time: number
}

/** A short word about what was just done. */
export interface Toast {
  readonly id: string
  readonly text: string
  readonly tone: 'info' | 'error'
  readonly undo?: () => void
}

/** The events that came while something travelled. */
export interface Recording {
  readonly events: readonly Event[]
  readonly broken: () => boolean // some were not heard
  readonly stop: () => void
}

/**
 * What this page knows, as signals. Views read them; the functions of `state` alone write, so that every change comes
 * from an event, an answer, or something that the reader did.
 */
export class Store {
  readonly #core: Signal<Core> = signal(nothing)
  readonly #connection: Signal<Connection> = signal<Connection>({ phase: 'idle', heard: 0 })
  readonly #route: Signal<Route> = signal<Route>({ page: 'home' })
  readonly #ephemerals: Signal<readonly Ephemeral[]> = signal([])
  readonly #toasts: Signal<readonly Toast[]> = signal([])
  readonly #now: Signal<number> = signal(Date.now())
  readonly #recordings = new Set<Event[]>()
  #resets = 0
  readonly #listeners = new Set<(event: Event, before: Core) => void>()

  readonly core: ReadonlySignal<Core> = this.#core
  readonly connection: ReadonlySignal<Connection> = this.#connection
  readonly route: ReadonlySignal<Route> = this.#route
  readonly ephemerals: ReadonlySignal<readonly Ephemeral[]> = this.#ephemerals
  readonly toasts: ReadonlySignal<readonly Toast[]> = this.#toasts
  readonly now: ReadonlySignal<number> = this.#now

  readonly me = this.#part((c) => c.me)
  readonly settings = this.#part((c) => c.settings)
  readonly people = this.#part((c) => c.people)
  readonly rooms = this.#part((c) => c.rooms)
  readonly incidents = this.#part((c) => c.incidents)
  readonly teams = this.#part((c) => c.teams)
  readonly readiness = this.#part((c) => c.readiness)
  readonly commands = this.#part((c) => c.commands)
  readonly schedules = this.#part((c) => c.schedules)
  readonly policies = this.#part((c) => c.policies)
  readonly integrations = this.#part((c) => c.integrations)
  readonly silences = this.#part((c) => c.silences)
  readonly checks = this.#part((c) => c.checks)

  readonly room: (id: RoomId) => ReadonlySignal<RoomView | undefined> = keyed((id) => this.#part((c) => c.rooms.get(id)))
  readonly history: (room: RoomId) => ReadonlySignal<History | undefined> = keyed((id) => this.#part((c) => c.histories.get(id)))
  readonly thread: (root: Seq) => ReadonlySignal<Thread | undefined> = keyed((id) => this.#part((c) => c.threads.get(id)))
  readonly incident: (n: IncidentId) => ReadonlySignal<Incident | undefined> = keyed((n) => this.#part((c) => c.incidents.get(n)))
  readonly detail: (n: IncidentId) => ReadonlySignal<IncidentParts | undefined> = keyed((n) => this.#part((c) => c.details.get(n)))
  readonly requests: (of: IntegrationId) => ReadonlySignal<readonly Request[] | undefined> = keyed((id) => this.#part((c) => c.requests.get(id)))

  #part<T>(of: (core: Core) => T): ReadonlySignal<T> {
    return computed(() => of(this.#core.value))
  }

  /** Takes the next state; the only way in which what this page knows changes. */
  update(fn: (core: Core) => Core): void {
    this.#core.value = fn(this.#core.peek())
  }

  /** Takes an event of the log. */
  hear(event: Event): void {
    const before = this.#core.peek()
    const after = reduce(before, event)
    if (after === before) return
    for (const recording of this.#recordings) recording.push(event)
    this.#core.value = after
    for (const tell of this.#listeners) tell(event, before)
  }

  /** Starts anew from a snapshot: what happened in between was not heard. */
  restart(snapshot: Snapshot): void {
    this.#resets++
    this.update((core) => restart(core, snapshot))
  }

  /** Keeps the events that come from now on, until stop: for answers that are older than they are when they arrive. */
  record(): Recording {
    const events: Event[] = []
    const resets = this.#resets
    this.#recordings.add(events)
    return { events, broken: () => this.#resets !== resets, stop: () => this.#recordings.delete(events) }
  }

  /** Calls tell after each new event, with what was known before it, until the function that it returns is called. */
  follow(tell: (event: Event, before: Core) => void): () => void {
    this.#listeners.add(tell)
    return () => this.#listeners.delete(tell)
  }

  /** Forgets everything of whoever was signed in. */
  clear(): void {
    this.#core.value = nothing
    this.#ephemerals.value = []
  }

  setConnection(c: Connection): void {
    this.#connection.value = c
  }

  setRoute(route: Route): void {
    this.#route.value = route
  }

  setNow(now: number): void {
    this.#now.value = now
  }

  addEphemeral(e: Ephemeral): void {
    this.#ephemerals.value = [...this.#ephemerals.peek().filter((x) => x.nonce !== e.nonce), e]
  }

  dropEphemeral(nonce: string): void {
    this.#ephemerals.value = this.#ephemerals.peek().filter((e) => e.nonce !== nonce)
  }

  addToast(t: Toast): void {
    this.#toasts.value = [...this.#toasts.peek(), t]
  }

  dropToast(id: string): void {
    this.#toasts.value = this.#toasts.peek().filter((t) => t.id !== id)
  }
}

/** Makes the value for a key once, and gives the same one ever after. */
export function keyed<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>()
  return (key) => {
    const have = made.get(key)
    if (have !== undefined) return have
    const value = make(key)
    made.set(key, value)
    return value
  }
}
