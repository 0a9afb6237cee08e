import { nonce } from '../lib/id.ts'
import type { Api } from '../wire/api.ts'
import { ApiError, words } from '../wire/http.ts'
import type { Duration, RaiseInput, RoomInput, RoomPatch } from '../wire/rest.ts'
import type { Answer, Question, Socket } from '../wire/socket.ts'
import type { File, Incident, IncidentId, PersonId, RoomId, Seq } from '../wire/types.gen.ts'
import { close } from './apply.ts'
import type { Lists } from './lists.ts'
import type { Outbox } from './outbox.ts'
import { type Marks } from './marks.ts'
import { type Route, format } from './route.ts'
import type { Store, Toast } from './state.ts'

/** What became of a command. A refusal leaves the text with its author, with what may have been meant. */
export type CommandResult = { readonly ok: true } | { readonly ok: false; readonly message: string; readonly suggest: readonly string[] }

/** What actions act on. */
export interface Means {
  readonly api: Api
  readonly socket: Socket
  readonly store: Store
  readonly outbox: Outbox
  readonly lists: Lists
  readonly marks: Marks
}

const undoable = 5_000
const shown = { info: 5_000, error: 9_000 } as const

/** Everything that a reader does. What returns a promise rejects with ApiError, whose message is for the reader. */
export class Actions {
  readonly #do: Means

  constructor(means: Means) {
    this.#do = means
  }

  /** Shows something else; the way back is the browser's. */
  go(route: Route): void {
    this.#do.store.setRoute(route)
    const hash = format(route)
    if (location.hash !== hash) location.hash = hash
  }

  openRoom(room: RoomId): void {
    this.go({ page: 'room', room })
  }

  openIncident(incident: IncidentId): void {
    this.go({ page: 'incident', incident })
  }

  /** Shows a message in its room, or in its thread, in place of its permalink. */
  async openMessage(message: Seq): Promise<void> {
    const m = await this.#do.api.messages.read(message)
    const route: Route = m.thread === undefined ? { page: 'room', room: m.room, message } : { page: 'room', room: m.room, message: m.thread, thread: m.thread }
    if (this.#do.store.route.peek().page === 'message') {
      history.replaceState(null, '', format(route))
      this.#do.store.setRoute(route)
    } else {
      this.go(route)
    }
  }

  post(room: RoomId, text: string, more: { readonly thread?: Seq; readonly files?: readonly File[] } = {}): void {
    this.#do.outbox.post({ room, text, ...more })
  }

  retry(nonce: string): void {
    this.#do.outbox.retry(nonce)
  }

  /** Gives a pending message up; its text goes back to its author. */
  discard(nonce: string): string {
    return this.#do.outbox.discard(nonce)
  }

  async command(room: RoomId, text: string, more: { readonly thread?: Seq } = {}): Promise<CommandResult> {
    const asked = nonce()
    try {
      if (this.#do.socket.phase === 'live') {
        await this.#do.socket.ask({ t: 'command', nonce: asked, room, text, ...more })
      } else {
        const out = await this.#do.api.rooms.command(room, { text, nonce: asked, ...more })
        if (out.text !== undefined) this.#do.store.addEphemeral({ nonce: asked, room, text: out.text, time: Date.now() })
      }
      return { ok: true }
    } catch (err) {
      return { ok: false, message: words(err), suggest: err instanceof ApiError ? err.suggest : [] }
    }
  }

  dismissEphemeral(nonce: string): void {
    this.#do.store.dropEphemeral(nonce)
  }

  async edit(message: Seq, text: string): Promise<void> {
    await this.#either({ t: 'edit', message, text }, () => this.#do.api.messages.edit(message, text))
  }

  async remove(message: Seq): Promise<void> {
    await this.#either({ t: 'delete', message }, () => this.#do.api.messages.remove(message))
  }

  upload(room: RoomId, bytes: Blob, name: string): Promise<File> {
    return this.#do.api.rooms.upload(room, bytes, name)
  }

  /** The reader sees the room down to this message. */
  seen(room: RoomId, message: Seq): void {
    this.#do.marks.seen(room, message)
  }

  join(room: RoomId): Promise<void> {
    return this.#do.api.rooms.join(room)
  }

  async leave(room: RoomId): Promise<void> {
    await this.#do.api.rooms.leave(room)
    this.#do.store.update((core) => close(core, { room }))
  }

  add(room: RoomId, people: readonly PersonId[]): Promise<void> {
    return this.#do.api.rooms.add(room, people)
  }

  removeMember(room: RoomId, person: PersonId): Promise<void> {
    return this.#do.api.rooms.remove(room, person)
  }

  async direct(people: readonly PersonId[]): Promise<RoomId> {
    const room = await this.#do.api.rooms.direct(people)
    await this.#do.lists.room(room.id)
    return room.id
  }

  async createRoom(input: RoomInput): Promise<RoomId> {
    const room = await this.#do.api.rooms.create(input)
    await this.#do.lists.room(room.id)
    return room.id
  }

  async patchRoom(room: RoomId, patch: RoomPatch): Promise<void> {
    await this.#do.api.rooms.patch(room, patch)
  }

  /**
   * Acknowledges. "ask" means that this person was not paged: ask "Take it?", and call again with take. It goes by
   * whichever road is open, so that a broken socket does not keep a siren going.
   */
  async ack(n: IncidentId, more: { readonly take?: boolean } = {}): Promise<'done' | 'ask'> {
    const take = more.take === true
    try {
      await this.#either({ t: 'ack', incident: n, ...(take ? { take } : {}) }, () => this.#do.api.incidents.acknowledge(n, take))
    } catch (err) {
      if (err instanceof ApiError && err.kind === 'conflict' && !take && this.#isOpenToTake(n)) return 'ask'
      throw err
    }
    this.#show({ id: nonce(), tone: 'info', text: `Acknowledged #${n}.`, undo: () => void this.unack(n).catch((err: unknown) => this.toast(words(err), 'error')) }, undoable)
    return 'done'
  }

  /** Takes an acknowledgement back, within 5 s of it. */
  async unack(n: IncidentId): Promise<void> {
    await this.#either({ t: 'unack', incident: n }, () => this.#do.api.incidents.unacknowledge(n))
  }

  async resolve(n: IncidentId): Promise<void> {
    await this.#do.api.incidents.resolve(n)
  }

  async escalate(n: IncidentId): Promise<void> {
    await this.#do.api.incidents.escalate(n)
  }

  note(n: IncidentId, text: string): Promise<void> {
    return this.#do.api.incidents.note(n, text)
  }

  async silence(n: IncidentId, length: number | 'resolved'): Promise<void> {
    const duration: Duration = length === 'resolved' ? { untilResolved: true } : { minutes: length }
    await this.#do.api.incidents.silence(n, duration)
  }

  raise(input: RaiseInput): Promise<Incident> {
    return this.#do.api.incidents.raise(input)
  }

  /** Pages this person by the real road. */
  pageMe(): Promise<Incident> {
    return this.#do.api.incidents.pageMe()
  }

  toast(text: string, tone: Toast['tone'] = 'info'): void {
    this.#show({ id: nonce(), text, tone }, shown[tone])
  }

  dismissToast(id: string): void {
    this.#do.store.dropToast(id)
  }

  #show(toast: Toast, ms: number): void {
    this.#do.store.addToast(toast)
    setTimeout(() => this.#do.store.dropToast(toast.id), ms)
  }

  /** A conflict on an open incident is a question: this person was not paged, or somebody else owns it. */
  #isOpenToTake(n: IncidentId): boolean {
    return this.#do.store.incidents.peek().get(n)?.state !== 'resolved'
  }

  /** Asks over the socket, and over HTTP when there is none or it broke: each of these may safely be done twice. */
  async #either(question: Question, http: () => Promise<unknown>): Promise<void> {
    const answer: Answer | undefined = await this.#do.socket.ask(question).catch((err: unknown) => {
      if (err instanceof ApiError && err.kind === 'offline') return undefined
      throw err
    })
    if (answer === undefined) await http()
  }
}
