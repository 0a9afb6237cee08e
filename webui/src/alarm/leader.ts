import { type ReadonlySignal, type Signal, signal } from '@preact/signals-core'

/** Which tab of this device has the lock. */
export type Held = 'here' | 'elsewhere' | 'nobody'

/**
 * One of this device's tabs, by a lock of the browser: whoever competes and comes first has it, and when that tab ends,
 * however it ends, the next has it at once. Without locks (plain HTTP on a network address) every tab has its own.
 */
export class Leader {
  readonly #name: string
  readonly #held: Signal<Held> = signal<Held>('nobody')
  readonly #channel: BroadcastChannel | undefined
  #release: (() => void) | undefined
  #waiting: AbortController | undefined
  #watching = false

  readonly held: ReadonlySignal<Held> = this.#held

  constructor(name: string) {
    this.#name = name
    this.#channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel(name) : undefined
    this.#channel?.addEventListener('message', () => void this.#look())
  }

  /** Begins to know which tab has the lock. */
  start(): void {
    void this.#look()
  }

  /** Competes for the lock, and keeps it until leave. */
  compete(): void {
    if (this.#waiting !== undefined || this.#release !== undefined) return
    const locks = manager()
    if (locks === undefined) {
      this.#held.value = 'here'
      return
    }
    const waiting = new AbortController()
    this.#waiting = waiting
    locks.request(this.#name, { signal: waiting.signal }, () => this.#hold()).catch(() => undefined) // aborted: it gave up
  }

  /** Gives the lock up, or the wait for it. */
  leave(): void {
    this.#waiting?.abort()
    this.#waiting = undefined
    if (this.#release !== undefined) {
      this.#release()
    } else if (manager() === undefined) {
      this.#held.value = 'nobody'
    }
  }

  #hold(): Promise<void> {
    this.#waiting = undefined
    this.#held.value = 'here'
    this.#channel?.postMessage('held')
    return new Promise((done) => {
      this.#release = () => {
        this.#release = undefined
        this.#held.value = 'nobody'
        done()
        void this.#look()
      }
    })
  }

  /** Finds out whether another tab has the lock, and waits for the moment when it has it no more. */
  async #look(): Promise<void> {
    const locks = manager()
    if (locks === undefined || this.#watching || this.#release !== undefined) return
    this.#watching = true
    let taken = false
    try {
      const { held } = await locks.query()
      if (this.#isHere()) return
      taken = held?.some((l) => l.name === this.#name && l.mode === 'exclusive') ?? false
      this.#held.value = taken ? 'elsewhere' : 'nobody'
      // A shared request is granted when the lock is free, and given back at once.
      if (taken) await locks.request(this.#name, { mode: 'shared' }, () => undefined)
    } catch {
      return // the page ends
    } finally {
      this.#watching = false
    }
    if (taken) await this.#look()
  }

  #isHere(): boolean {
    return this.#release !== undefined
  }
}

function manager(): LockManager | undefined {
  return globalThis.navigator?.locks ?? undefined
}
