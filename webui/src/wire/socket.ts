import { nonce as fresh } from '../lib/id.ts'
import { type Incoming, decode, encode } from './frames.ts'
import { ApiError } from './http.ts'
import { type ClientFrame, type EphemeralFrame, type ErrorFrame, type HelloFrame, type IncidentId, type OKFrame, type Seq, closeCodes } from './types.gen.ts'

/** Where the connection stands. */
export type Phase = 'idle' | 'connecting' | 'greeting' | 'live' | 'waiting' | 'stopped'

type Step = 'start' | 'open' | 'welcome' | 'lose' | 'retry' | 'stop'

/** What may happen in which phase; everything else is ignored. */
const machine: { readonly [P in Phase]: { readonly [S in Step]?: Phase } } = {
  idle: { start: 'connecting', stop: 'stopped' },
  connecting: { open: 'greeting', lose: 'waiting', stop: 'stopped' },
  greeting: { welcome: 'live', lose: 'waiting', stop: 'stopped' },
  live: { lose: 'waiting', stop: 'stopped' },
  waiting: { retry: 'connecting', stop: 'stopped' },
  stopped: { start: 'connecting' },
}

/** The connection as people are told of it. */
export interface Connection {
  readonly phase: Phase
  readonly heard: number // when the last frame came; 0 before the first
  readonly retryAt?: number
  readonly why?: 'unsigned' | 'many'
}

/** As much of the browser's WebSocket as is used. */
export interface Pipe {
  onopen: ((event: Event) => void) | null
  onmessage: ((event: MessageEvent) => void) | null
  onclose: ((event: CloseEvent) => void) | null
  send(data: string): void
  close(code?: number, reason?: string): void
}

/** What a socket needs from its surroundings. */
export interface Surroundings {
  readonly url: string
  readonly WebSocket: new (url: string) => Pipe
  readonly who: () => Pick<HelloFrame, 'device' | 'tab' | 'agent'>
  /** Makes sure that there is a session, renewing it when it ran out. */
  readonly authorise: () => Promise<'ok' | 'unsigned' | 'unreachable'>
  /** Every frame, in order. When it throws, the state starts anew from a snapshot. */
  readonly onFrame: (frame: Incoming) => void
  readonly onConnection: (c: Connection) => void
  /** What sounds at this moment; told with every pong. */
  readonly playing: () => readonly IncidentId[]
}

/** An answer to one frame. */
export type Answer = OKFrame | EphemeralFrame

type Asking = Extract<ClientFrame, { nonce: string }>
/** A frame that is answered, before it has its nonce. */
export type Question = { [T in Asking['t']]: Omit<Extract<Asking, { t: T }>, 'nonce'> & { readonly nonce?: string } }[Asking['t']]

const firstWait = 500
const growth = 1.7
const longestWait = 15_000
const deadAfter = 25_000
const patience = 15_000 // for the answer to one frame

/**
 * The one live connection of this tab. It comes back by itself, goes on where it was with nothing missed and nothing
 * doubled, and answers the server's pings from the page's own code.
 */
export class Socket {
  readonly #env: Surroundings
  #phase: Phase = 'idle'
  #pipe: Pipe | undefined
  #since: Seq | undefined
  #epoch: string | undefined
  #heard = 0
  #liveFrom = 0
  #attempts = 0
  #doubt = false // whether the session must be looked at before the next attempt
  #refusals = 0 // closes for want of a session since the last welcome
  #retryAt = 0
  #why: Connection['why']
  #retry: ReturnType<typeof setTimeout> | undefined
  #watchdog: ReturnType<typeof setTimeout> | undefined
  readonly #asked = new Map<string, { readonly resolve: (a: Answer) => void; readonly reject: (e: ApiError) => void }>()

  constructor(env: Surroundings) {
    this.#env = env
  }

  get phase(): Phase {
    return this.#phase
  }

  /** Connects, and stays connected until stop. */
  start(): void {
    if (!this.#go('start')) return
    this.#attempts = 0
    this.#refusals = 0
    this.#why = undefined
    void this.#connect()
  }

  /** Ends the connection for good, as on signing out. What it knew of where it was is forgotten. */
  stop(why?: 'unsigned'): void {
    this.#why = why
    if (!this.#go('stop')) return
    this.#drop(1000)
    this.#forget()
  }

  /** Takes a sign of life of the machine (online again, visible again, thawed) as a reason to look at once. */
  wake(): void {
    if (this.#phase === 'waiting') {
      this.#attempts = 0
      this.#again()
    } else if ((this.#phase === 'live' || this.#phase === 'greeting') && Date.now() - this.#heard > deadAfter) {
      this.#lose(0)
    }
  }

  /** Wakes on what browsers tell of networks and sleep, until the function that it returns is called. */
  listen(page: Window): () => void {
    const wake = () => this.wake()
    const visible = () => page.document.visibilityState === 'visible' && this.wake()
    page.addEventListener('online', wake)
    page.addEventListener('pageshow', wake)
    page.document.addEventListener('resume', wake)
    page.document.addEventListener('visibilitychange', visible)
    return () => {
      page.removeEventListener('online', wake)
      page.removeEventListener('pageshow', wake)
      page.document.removeEventListener('resume', wake)
      page.document.removeEventListener('visibilitychange', visible)
    }
  }

  /** Sends a frame now; false when there is no live connection. */
  send(frame: ClientFrame): boolean {
    if (this.#phase !== 'live' || this.#pipe === undefined) return false
    this.#pipe.send(encode(frame))
    return true
  }

  /** Sends a frame and waits for its answer; rejects with what the server said, or because the connection broke. */
  ask(question: Question): Promise<Answer> {
    const nonce = question.nonce ?? fresh()
    return new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(() => settle(() => reject(new ApiError('unavailable', 'The server did not answer. It may or may not have happened.'))), patience)
      const settle = (fn: () => void) => {
        clearTimeout(timer)
        this.#asked.delete(nonce)
        fn()
      }
      this.#asked.set(nonce, { resolve: (a) => settle(() => resolve(a)), reject: (e) => settle(() => reject(e)) })
      if (!this.send({ ...question, nonce })) {
        this.#asked.get(nonce)?.reject(new ApiError('offline', 'There is no connection to the server. Nothing was sent.'))
      }
    })
  }

  #go(step: Step): boolean {
    const to = machine[this.#phase][step]
    if (to === undefined) return false
    this.#phase = to
    this.#tell()
    return true
  }

  #tell(): void {
    this.#env.onConnection({
      phase: this.#phase,
      heard: this.#heard,
      ...(this.#phase === 'waiting' ? { retryAt: this.#retryAt } : {}),
      ...(this.#why === undefined ? {} : { why: this.#why }),
    })
  }

  async #connect(): Promise<void> {
    this.#watch()
    if (this.#doubt) {
      const session = await this.#env.authorise()
      if (this.#phase !== 'connecting') return
      if (session === 'unsigned') return this.stop('unsigned')
      if (session === 'unreachable') return this.#lose(0)
      this.#doubt = false
    }
    const pipe = new this.#env.WebSocket(this.#env.url)
    this.#pipe = pipe
    pipe.onopen = () => {
      if (!this.#go('open')) return
      this.#watch()
      const resume = this.#epoch === undefined || this.#since === undefined ? {} : { since: this.#since, epoch: this.#epoch }
      pipe.send(encode({ t: 'hello', ...this.#env.who(), ...resume }))
    }
    pipe.onmessage = (event) => this.#receive(event.data)
    pipe.onclose = (event) => this.#lose(event.code)
  }

  #receive(data: unknown): void {
    this.#heard = Date.now()
    this.#watch()
    try {
      if (typeof data !== 'string') throw new TypeError('a frame that is no text')
      this.#take(decode(data))
    } catch (err) {
      console.error('watchroom: starting anew from a snapshot', err)
      this.#forget()
      this.#lose(0)
    }
  }

  #take(frame: Incoming): void {
    switch (frame.t) {
      case 'hello':
        this.#welcome(frame.epoch, frame.resumed ? undefined : frame.at)
        this.#env.onFrame(frame)
        this.#go('welcome')
        return
      case 'event':
        this.#env.onFrame(frame)
        this.#since = frame.seq
        return
      case 'unknown':
        this.#since = frame.seq ?? this.#since
        return
      case 'ping': {
        this.#env.onFrame(frame)
        this.#since = frame.at
        const playing = this.#env.playing()
        this.send({ t: 'pong', at: frame.at, ...(playing.length === 0 ? {} : { playing }) })
        this.#tell()
        return
      }
      case 'ok':
        this.#env.onFrame(frame)
        this.#asked.get(frame.nonce)?.resolve(frame)
        return
      case 'ephemeral':
        this.#env.onFrame(frame)
        this.#asked.get(frame.nonce)?.resolve(frame)
        return
      case 'error':
        this.#env.onFrame(frame)
        if (frame.nonce !== undefined) this.#asked.get(frame.nonce)?.reject(refusal(frame))
        return
      case 'signal':
        this.#env.onFrame(frame)
        return
      default:
        frame satisfies never
    }
  }

  #welcome(epoch: string, at: Seq | undefined): void {
    this.#epoch = epoch
    this.#since = at ?? this.#since
    this.#liveFrom = Date.now()
    this.#refusals = 0
    this.#why = undefined
  }

  /** Starts the wait for the next sign of life anew. */
  #watch(): void {
    clearTimeout(this.#watchdog)
    this.#watchdog = setTimeout(() => this.#lose(0), deadAfter)
  }

  /** The connection is gone, with the code that the server gave, or 0. */
  #lose(code: number): void {
    const opened = this.#phase !== 'connecting'
    if (this.#phase === 'live' && Date.now() - this.#liveFrom > 5000) this.#attempts = 0
    this.#drop(4000)
    this.#retryAt = Date.now() + this.#wait(code)
    this.#why = code === closeCodes.many ? 'many' : undefined
    this.#doubt ||= code === closeCodes.unsigned || !opened
    if (code === closeCodes.unsigned || code === closeCodes.bad) this.#forget()
    if (code === closeCodes.unsigned && ++this.#refusals > 1) return this.stop('unsigned')
    if (!this.#go('lose')) return
    this.#retry = setTimeout(() => this.#again(), this.#retryAt - Date.now())
  }

  #wait(code: number): number {
    if (code === closeCodes.many) return longestWait
    if (code === closeCodes.unsigned && this.#refusals === 0) return 0
    const grown = Math.min(longestWait, firstWait * growth ** this.#attempts++)
    const wait = grown * (0.7 + 0.6 * Math.random())
    return code === closeCodes.drain ? wait + 2000 * Math.random() : wait
  }

  #again(): void {
    clearTimeout(this.#retry)
    if (this.#go('retry')) void this.#connect()
  }

  /** Lets go of the pipe, whatever state it is in, and answers everybody who waits on it. */
  #drop(code: number): void {
    clearTimeout(this.#watchdog)
    clearTimeout(this.#retry)
    const pipe = this.#pipe
    this.#pipe = undefined
    if (pipe !== undefined) {
      pipe.onopen = pipe.onmessage = pipe.onclose = null
      pipe.close(code)
    }
    for (const { reject } of [...this.#asked.values()]) {
      reject(new ApiError('offline', 'The connection broke. It may or may not have happened.'))
    }
  }

  #forget(): void {
    this.#since = undefined
    this.#epoch = undefined
  }
}

function refusal(frame: ErrorFrame): ApiError {
  return new ApiError(frame.kind, frame.message, { field: frame.field, suggest: frame.suggest })
}
