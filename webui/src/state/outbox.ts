import { type ReadonlySignal, type Signal, signal } from '@preact/signals-core'
import { isObject, number, text } from '../lib/guard.ts'
import { nonce as fresh } from '../lib/id.ts'
import type { Shelf } from '../lib/storage.ts'
import { roomId, seq } from '../wire/brand.ts'
import type { ErrorFrame, Event, File, OKFrame, PersonId, PostFrame, RoomId, Seq } from '../wire/types.gen.ts'

/** A message on its way. It keeps its nonce until it is posted, so that it is never posted twice. */
export interface Pending {
  readonly nonce: string
  readonly room: RoomId
  readonly thread?: Seq
  readonly text: string
  readonly files: readonly File[]
  readonly time: number
  readonly state: 'sending' | 'sent' | 'failed' // sent: the server has it, and its event is under way
  readonly error?: string
  readonly id?: Seq // once sent
}

/** What a message is made of. */
export interface Draft {
  readonly room: RoomId
  readonly thread?: Seq
  readonly text: string
  readonly files?: readonly File[]
}

/** What the outbox needs of the connection and of the page. */
export interface Carrier {
  /** Sends a frame now; false when there is no live connection. */
  readonly send: (frame: PostFrame) => boolean
  readonly shelf: Shelf
  /** Calls fn after a while. */
  readonly later: (fn: () => void, ms: number) => void
}

const pause = 2000 // ms, before what the server was too busy for is sent again

/**
 * Messages that are shown at once and posted as soon as they can be: in order within their room, each at most once,
 * across broken connections and reloads of the page.
 */
export class Outbox {
  readonly #carrier: Carrier
  readonly #all: Signal<readonly Pending[]> = signal([])
  readonly #flying = new Set<string>() // nonces that this connection carries
  #owner: PersonId | undefined

  readonly pending: ReadonlySignal<readonly Pending[]> = this.#all

  constructor(carrier: Carrier) {
    this.#carrier = carrier
  }

  /** Takes up what this person left in this tab. */
  open(owner: PersonId): void {
    if (this.#owner === owner) return
    this.#owner = owner
    this.#flying.clear()
    this.#all.value = this.#carrier.shelf.read(shelfKey(owner), pendings) ?? []
  }

  /** Shows a message as pending and sends it when its turn comes. */
  post(draft: Draft): string {
    const nonce = fresh()
    const { thread } = draft
    const p: Pending = {
      nonce, room: draft.room, ...(thread === undefined ? {} : { thread }), text: draft.text, files: draft.files ?? [], time: Date.now(), state: 'sending',
    }
    this.#set([...this.#all.peek(), p])
    this.flush()
    return nonce
  }

  /** Sends a message that failed once more, behind the others of its room. */
  retry(nonce: string): void {
    const p = this.#find(nonce)
    if (p === undefined || p.state !== 'failed') return
    const { error: _, ...rest } = p
    this.#set([...this.#all.peek().filter((x) => x.nonce !== nonce), { ...rest, state: 'sending' }])
    this.flush()
  }

  /** Gives a message up and returns its text. */
  discard(nonce: string): string {
    const p = this.#find(nonce)
    this.#drop(nonce)
    this.flush()
    return p?.text ?? ''
  }

  /** The connection is gone: what it carried is carried again by the next. */
  landed(): void {
    this.#flying.clear()
  }

  /** Sends the next message of every room that has none under way. */
  flush(): void {
    const busy = new Set(this.#all.peek().filter((p) => this.#flying.has(p.nonce)).map((p) => p.room))
    for (const p of this.#all.peek()) {
      if (p.state !== 'sending' || busy.has(p.room)) continue
      const files = p.files.map((f) => f.id)
      const frame: PostFrame = {
        t: 'post', nonce: p.nonce, room: p.room, text: p.text, ...(p.thread === undefined ? {} : { thread: p.thread }), ...(files.length === 0 ? {} : { files }),
      }
      if (!this.#carrier.send(frame)) return
      this.#flying.add(p.nonce)
      busy.add(p.room)
    }
  }

  /** The server has a message. It stays on the screen until its event is there, unless at says that it was. */
  accepted({ nonce, id, message }: Pick<OKFrame, 'nonce' | 'id' | 'message'>, at: Seq): void {
    const posted = id ?? message?.id
    this.#flying.delete(nonce)
    if (posted !== undefined && posted > at) {
      this.#change(nonce, (p) => ({ ...p, state: 'sent', id: posted }))
    } else {
      this.#drop(nonce)
    }
    this.flush()
  }

  /** The server refused a message: it waits for its author, or for a quieter moment. */
  refused({ nonce, kind, message }: ErrorFrame): void {
    if (nonce === undefined || this.#find(nonce) === undefined) return
    if (kind === 'throttled' || kind === 'unavailable') {
      this.#carrier.later(() => {
        this.#flying.delete(nonce)
        this.flush()
      }, pause)
      return
    }
    this.#flying.delete(nonce)
    this.#change(nonce, (p) => ({ ...p, state: 'failed', error: message }))
    this.flush()
  }

  /** An event of the log: the message that it brings is pending no more. */
  heard(event: Event): void {
    if (event.kind === 'message.posted' && event.body.message.author === this.#owner) {
      const { nonce } = event.body.message
      if (nonce !== undefined) this.#drop(nonce)
    }
    this.caughtUp(event.seq)
  }

  /** Everything up to at was heard: what was posted up to there is on the screen, or in a part that is not loaded. */
  caughtUp(at: Seq): void {
    for (const p of this.#all.peek()) {
      if (p.state === 'sent' && p.id !== undefined && p.id <= at) this.#drop(p.nonce)
    }
    this.flush()
  }

  #find(nonce: string): Pending | undefined {
    return this.#all.peek().find((p) => p.nonce === nonce)
  }

  #drop(nonce: string): void {
    this.#flying.delete(nonce)
    if (this.#find(nonce) !== undefined) this.#set(this.#all.peek().filter((p) => p.nonce !== nonce))
  }

  #change(nonce: string, fn: (p: Pending) => Pending): void {
    this.#set(this.#all.peek().map((p) => (p.nonce === nonce ? fn(p) : p)))
  }

  #set(all: readonly Pending[]): void {
    this.#all.value = all
    if (this.#owner === undefined) return
    if (all.length === 0) {
      this.#carrier.shelf.remove(shelfKey(this.#owner))
    } else {
      this.#carrier.shelf.write(shelfKey(this.#owner), all)
    }
  }
}

function shelfKey(owner: PersonId): string {
  return 'outbox:' + owner
}

/** Reads what was stored. What was under way is sent again: its nonce keeps it from being posted twice. */
function pendings(x: unknown): readonly Pending[] | undefined {
  if (!Array.isArray(x)) return undefined
  return x.flatMap((raw: unknown): readonly Pending[] => {
    if (!isObject(raw)) return []
    const [nonce, room, words, time, thread, error] = [text(raw.nonce), text(raw.room), text(raw.text), number(raw.time), number(raw.thread), text(raw.error)]
    if (nonce === undefined || room === undefined || words === undefined || time === undefined) return []
    const failed = raw.state === 'failed' && error !== undefined
    return [{
      nonce, room: roomId(room), text: words, time, files: Array.isArray(raw.files) ? raw.files.filter(isFile) : [],
      ...(thread === undefined ? {} : { thread: seq(thread) }), ...(failed ? { state: 'failed', error } : { state: 'sending' }),
    }]
  })
}

function isFile(x: unknown): x is File {
  return isObject(x) && text(x.id) !== undefined && text(x.name) !== undefined && text(x.type) !== undefined && number(x.size) !== undefined
}
