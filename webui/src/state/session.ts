import { type ReadonlySignal, type Signal, signal } from '@preact/signals-core'
import type { Api } from '../wire/api.ts'
import { ApiError, lastRenewal, noteRenewal } from '../wire/http.ts'
import type { Joining, Me } from '../wire/rest.ts'
import { thisDevice } from './device.ts'

/** Whether somebody is signed in here; unknown until the server was asked. */
export type SessionPhase = 'unknown' | 'signedOut' | 'signedIn'

/** What follows from signing in and out. */
export interface Doors {
  readonly onIn: (me: Me) => void
  /** chosen: the person signed out, and the session did not just end. */
  readonly onOut: (chosen: boolean) => void
}

const early = 90_000 // ms before the short cookie ends that it is renewed
const retry = 3_000

/**
 * Who is signed in, as the server says: the cookies are out of the page's reach. The short one is renewed before it
 * ends, by one tab for all, so that pictures and sockets never meet one that ran out.
 */
export class Session {
  readonly #api: Api
  readonly #doors: Doors
  readonly #phase: Signal<SessionPhase> = signal<SessionPhase>('unknown')
  #timer: ReturnType<typeof setTimeout> | undefined

  readonly phase: ReadonlySignal<SessionPhase> = this.#phase

  constructor(api: Api, doors: Doors) {
    this.#api = api
    this.#doors = doors
  }

  /** Finds out whether somebody is signed in; while the server cannot be reached it asks again. */
  async start(): Promise<void> {
    try {
      this.#enter(await this.#api.me())
    } catch (err) {
      if (err instanceof ApiError && (err.kind === 'unsigned' || err.kind === 'denied')) return this.leave()
      this.#timer = setTimeout(() => void this.start(), retry)
    }
  }

  /** Signs in with a password. */
  async signIn(input: { readonly handle: string; readonly password: string }): Promise<void> {
    this.#admit(await this.#api.session.signIn({ ...input, device: thisDevice() }))
  }

  /** Makes the owner by the link that the server printed. */
  async claim(input: Omit<Joining, 'device'>): Promise<void> {
    this.#admit(await this.#api.session.claim({ ...input, device: thisDevice() }))
  }

  /** Joins by an invitation. */
  async accept(input: Omit<Joining, 'device'>): Promise<void> {
    this.#admit(await this.#api.invites.accept({ ...input, device: thisDevice() }))
  }

  /** Sets a new password by a one-time link; signing in comes after it. */
  reset(input: { readonly secret: string; readonly password: string }): Promise<void> {
    return this.#api.session.reset(input.secret, input.password)
  }

  /** Ends this session on the server and forgets here what it showed. */
  async signOut(): Promise<void> {
    try {
      await this.#api.session.signOut()
    } catch (err) {
      if (!(err instanceof ApiError) || err.kind !== 'unsigned') throw err
    }
    this.leave(true)
  }

  /** Makes sure that the session is good before the socket connects anew. Never rejects. */
  async authorise(): Promise<'ok' | 'unsigned' | 'unreachable'> {
    try {
      await this.#api.me()
      return 'ok'
    } catch (err) {
      return err instanceof ApiError && (err.kind === 'unsigned' || err.kind === 'denied') ? 'unsigned' : 'unreachable'
    }
  }

  /** The session is over, whoever ended it. */
  leave(chosen = false): void {
    clearTimeout(this.#timer)
    if (this.#phase.peek() === 'signedOut') return
    this.#phase.value = 'signedOut'
    this.#doors.onOut(chosen)
  }

  #admit(me: Me): void {
    noteRenewal(me.accessExpires)
    this.#enter(me)
  }

  #enter(me: Me): void {
    clearTimeout(this.#timer)
    this.#phase.value = 'signedIn'
    this.#doors.onIn(me)
    this.#keep()
  }

  /** Renews the short cookie in time. */
  #keep(): void {
    clearTimeout(this.#timer)
    const due = (lastRenewal()?.expires ?? 0) - early - Date.now()
    this.#timer = setTimeout(() => void this.#renew(), Math.max(0, due))
  }

  async #renew(): Promise<void> {
    if (this.#phase.peek() !== 'signedIn') return
    const last = lastRenewal()
    // Another tab may have been here first; only a renewal that is itself about to end is renewed.
    const since = last !== undefined && last.expires - early > Date.now() ? 0 : Date.now()
    const outcome = await this.#api.renew(since).catch(() => undefined)
    if (outcome === false) return this.leave()
    if (outcome === undefined) {
      this.#timer = setTimeout(() => void this.#renew(), 10 * retry)
    } else {
      this.#keep()
    }
  }
}
