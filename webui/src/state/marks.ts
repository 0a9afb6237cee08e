import type { Socket } from '../wire/socket.ts'
import type { RoomId, Seq } from '../wire/types.gen.ts'
import { marked } from './apply.ts'
import type { Store } from './state.ts'

const pause = 400 // ms in which what is read is gathered

/** How far this person has read: told to the server only while the page is looked at, a few times a second at most. */
export class Marks {
  readonly #store: Store
  readonly #socket: Socket
  readonly #seen = new Map<RoomId, Seq>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(store: Store, socket: Socket) {
    this.#store = store
    this.#socket = socket
  }

  /** Tells what waited as soon as the page is looked at, until the function that it returns is called. */
  listen(page: Window): () => void {
    const flush = () => this.flush()
    page.addEventListener('focus', flush)
    page.document.addEventListener('visibilitychange', flush)
    return () => {
      page.removeEventListener('focus', flush)
      page.document.removeEventListener('visibilitychange', flush)
    }
  }

  /** A room is on the screen down to this message. */
  seen(room: RoomId, message: Seq): void {
    const before = this.#seen.get(room)
    if (before === undefined || message > before) this.#seen.set(room, message)
    this.#timer ??= setTimeout(() => this.flush(), pause)
  }

  /** Tells what was read, if the page is looked at and connected; else it waits. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (document.visibilityState !== 'visible' || !document.hasFocus() || this.#socket.phase !== 'live') return
    for (const [room, message] of this.#seen) {
      this.#seen.delete(room)
      this.#tell(room, message)
    }
  }

  #tell(room: RoomId, message: Seq): void {
    const core = this.#store.core.peek()
    const view = core.rooms.get(room)
    if (view === undefined || !view.joined || (view.unread === 0 && view.mentions === 0)) return
    // Who has seen the newest message has seen the room; replies that named them came before now, too.
    const all = message >= view.room.lastSeq
    const seq = all && core.at > message ? core.at : message
    const line = core.histories.get(room)?.lines.findLast((l) => l.id <= message && l.ordinal !== undefined)
    const ordinal = all ? view.room.count : (line?.ordinal ?? view.mark.ordinal)
    if (seq <= view.mark.seq) return
    if (this.#socket.send({ t: 'mark', room, seq })) this.#store.update((c) => marked(c, { room, seq, ordinal }))
  }
}
