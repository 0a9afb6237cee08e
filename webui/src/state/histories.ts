import { type ReadonlySignal, type Signal, signal } from '@preact/signals-core'
import type { Api } from '../wire/api.ts'
import { words } from '../wire/http.ts'
import type { HistoryPage, Place } from '../wire/rest.ts'
import type { Event, RoomId, Seq } from '../wire/types.gen.ts'
import { type Core, type History, type Line, type Thread, put } from './core.ts'
import { type Recording, type Store, keyed } from './state.ts'
import { type Joint, type Subject, type Word, follow, join, line, revise, stretch, unreply } from './window.ts'

/** Whether something is being loaded, or why it could not be. */
export type Status = 'idle' | 'loading' | { readonly error: string }

const pageSize = 60

/**
 * Loads what was said: pages of rooms and threads, each as of a Seq of its own, put together with the events that came
 * meanwhile without a gap and without a double.
 */
export class Histories {
  readonly #api: Api
  readonly #store: Store
  readonly #running = new Map<string, Promise<void>>()
  readonly #statuses: (key: RoomId | Seq) => Signal<Status> = keyed(() => signal<Status>('idle'))

  constructor(api: Api, store: Store) {
    this.#api = api
    this.#store = store
  }

  /** How the loading of a room or of a thread goes. */
  status(key: RoomId | Seq): ReadonlySignal<Status> {
    return this.#statuses(key)
  }

  /** Makes sure that the newest messages of a room are held, or those around one. */
  show(room: RoomId, around?: Seq): Promise<void> {
    const held = this.#store.core.peek().histories.get(room)
    const fits = held !== undefined && !held.stale && (around === undefined || held.lines.some((l) => l.id === around))
    if (fits) return Promise.resolve()
    return this.#load(room, around === undefined ? {} : { around }, { side: 'whole' })
  }

  /** Loads the messages before those that are held. */
  older(room: RoomId): Promise<void> {
    const held = this.#store.core.peek().histories.get(room)
    const anchor = held?.lines[0]?.id
    if (held === undefined || held.stale || anchor === undefined) return this.show(room)
    return held.older ? this.#load(room, { before: anchor }, { side: 'older', anchor }) : Promise.resolve()
  }

  /** Loads the messages after those that are held. */
  newer(room: RoomId): Promise<void> {
    const held = this.#store.core.peek().histories.get(room)
    const anchor = held?.lines.at(-1)?.id
    if (held === undefined || held.stale || anchor === undefined) return this.show(room)
    return held.newer ? this.#load(room, { after: anchor }, { side: 'newer', anchor }) : Promise.resolve()
  }

  /** Goes to the newest messages, from wherever the window is. */
  latest(room: RoomId): Promise<void> {
    const held = this.#store.core.peek().histories.get(room)
    return held !== undefined && !held.stale && !held.newer ? Promise.resolve() : this.#load(room, {}, { side: 'whole' })
  }

  /** Makes sure that a thread is held, with its newest replies. */
  showThread(root: Seq): Promise<void> {
    const held = this.#store.core.peek().threads.get(root)
    if (held !== undefined && !held.stale) return Promise.resolve()
    return this.#once(root, '', () => this.#takeThread(root))
  }

  /** Loads the replies before those that are held. */
  olderReplies(root: Seq): Promise<void> {
    const held = this.#store.core.peek().threads.get(root)
    const anchor = held?.lines[0]?.id
    if (held === undefined || held.stale || anchor === undefined) return this.showThread(root)
    if (!held.older) return Promise.resolve()
    return this.#once(root, 'older', () =>
      this.#take(() => this.#api.messages.thread(root, { before: anchor, limit: pageSize }), { root }, (core, page) => {
        const thread = core.threads.get(root)
        const joined = join(thread, page, { side: 'older', anchor })
        return thread === undefined || joined === undefined ? core : { ...core, threads: put(core.threads, root, { ...thread, ...joined }) }
      }),
    )
  }

  #load(room: RoomId, place: Place, joint: Joint): Promise<void> {
    return this.#once(room, JSON.stringify([place, joint]), () =>
      this.#take(() => this.#api.rooms.history(room, { ...place, limit: pageSize }), { room }, (core, page) => {
        const held = core.histories.get(room)
        const joined = join(held, page, joint)
        return joined === undefined || joined === held ? core : { ...core, histories: put(core.histories, room, joined) }
      }),
    )
  }

  async #take(ask: () => Promise<HistoryPage>, subject: Subject, place: (core: Core, page: History) => Core): Promise<void> {
    const recording = this.#store.record()
    try {
      const page = await ask()
      if (!this.#hasGap(recording, page.at)) {
        const missed = wordsOf(recording.events)
        this.#store.update((core) => place(core, missed.reduce((h, e) => follow(h, subject, e), stretch(page))))
        return
      }
    } finally {
      recording.stop()
    }
    await this.#take(ask, subject, place)
  }

  async #takeThread(root: Seq): Promise<void> {
    const recording = this.#store.record()
    try {
      const page = await this.#api.messages.thread(root, { limit: pageSize })
      // The message is read after its replies: what it holds beyond the page's Seq may be told again, and replies are counted.
      const message = await this.#api.messages.read(root)
      if (!this.#hasGap(recording, page.at)) {
        const missed = wordsOf(recording.events)
        const whole = stretch(page)
        const first = line({ ...message, ...count(whole, message.replies) }, page.at)
        const thread: Thread = { ...missed.reduce((h, e) => follow(h, { root }, e), whole), root: missed.reduce(aboutRoot, first) }
        this.#store.update((core) => ({ ...core, threads: put(core.threads, root, thread) }))
        return
      }
    } finally {
      recording.stop()
    }
    await this.#takeThread(root)
  }

  /** Whether something may have been said after a page was read that was never heard here. */
  #hasGap(recording: Recording, at: Seq): boolean {
    const me = this.#store.me.peek()?.id
    return recording.broken() || recording.events.some((e) => e.kind === 'room.joined' && e.body.person === me && e.seq > at)
  }

  /** Runs a load once however often it is asked for meanwhile, and tells how it goes. */
  #once(key: RoomId | Seq, what: string, run: () => Promise<void>): Promise<void> {
    const name = `${key} ${what}`
    const running = this.#running.get(name)
    if (running !== undefined) return running
    const status = this.#statuses(key)
    status.value = 'loading'
    const started = run()
      .then(
        () => void (status.value = 'idle'),
        (err: unknown) => void (status.value = { error: words(err) }),
      )
      .finally(() => this.#running.delete(name))
    this.#running.set(name, started)
    return started
  }
}

function wordsOf(events: readonly Event[]): readonly Word[] {
  return events.filter((e): e is Word => e.kind === 'message.posted' || e.kind === 'message.edited' || e.kind === 'message.deleted')
}

/** A thread's first message after an event. */
function aboutRoot(root: Line, event: Word): Line {
  const next = revise(root, event)
  return event.kind === 'message.deleted' ? unreply(next, event) : next
}

/** How many replies a message has: those that are held, when that is all of them. */
function count(h: History, told: number | undefined): { readonly replies: number } {
  return { replies: h.older || h.newer ? (told ?? 0) : h.lines.filter((l) => l.deleted === undefined).length }
}
