import { afterEach, beforeEach, expect, test } from 'vitest'
import { Leader } from './leader.ts'

interface Ask {
  readonly mode: LockMode
  readonly run: () => unknown
  readonly done: (v: unknown) => void
}

/** One named lock as browsers keep it: first come, first served; shared requests wait for an exclusive one. */
class Locks {
  #held: LockMode | undefined
  readonly #queue: Ask[] = []

  request(_name: string, options: LockOptions, run: () => unknown): Promise<unknown> {
    return new Promise((done, fail) => {
      const ask: Ask = { mode: options.mode ?? 'exclusive', run, done }
      this.#queue.push(ask)
      options.signal?.addEventListener('abort', () => {
        const at = this.#queue.indexOf(ask)
        if (at >= 0) this.#queue.splice(at, 1)
        fail(new DOMException('aborted', 'AbortError'))
      })
      void this.#next()
    })
  }

  query(): Promise<LockManagerSnapshot> {
    return Promise.resolve({ held: this.#held === undefined ? [] : [{ name: 'ringer', mode: this.#held }], pending: [] })
  }

  async #next(): Promise<void> {
    await Promise.resolve()
    if (this.#held !== undefined) return
    const ask = this.#queue.shift()
    if (ask === undefined) return
    this.#held = ask.mode
    ask.done(await ask.run())
    this.#held = undefined
    void this.#next()
  }
}

const had = Object.getOwnPropertyDescriptor(navigator, 'locks')
beforeEach(() => Object.defineProperty(navigator, 'locks', { value: new Locks(), configurable: true }))
afterEach(() => {
  if (had === undefined) Reflect.deleteProperty(navigator, 'locks')
  else Object.defineProperty(navigator, 'locks', had)
})

function tabs(n: number): readonly Leader[] {
  return Array.from({ length: n }, () => {
    const leader = new Leader('ringer')
    leader.start()
    return leader
  })
}

const held = (all: readonly Leader[]) => all.map((l) => l.held.peek())

// Of the tabs that compete exactly one has the lock, and when it gives it up the next has it; the others know.
test('one tab', async () => {
  const all = tabs(3)
  await expect.poll(() => held(all)).toEqual(['nobody', 'nobody', 'nobody'])
  all[1]?.compete()
  await expect.poll(() => held(all)).toEqual(['elsewhere', 'here', 'elsewhere'])
  all[2]?.compete()
  await expect.poll(() => held(all)).toEqual(['elsewhere', 'here', 'elsewhere'])
  all[1]?.leave()
  await expect.poll(() => held(all)).toEqual(['elsewhere', 'elsewhere', 'here'])
  all[2]?.leave()
  await expect.poll(() => held(all)).toEqual(['nobody', 'nobody', 'nobody'])
})

// Who gives up waiting does not get it later.
test('giving up', async () => {
  const all = tabs(2)
  all[0]?.compete()
  await expect.poll(() => held(all)).toEqual(['here', 'elsewhere'])
  all[1]?.compete()
  all[1]?.leave()
  all[0]?.leave()
  await expect.poll(() => held(all)).toEqual(['nobody', 'nobody'])
})

// Without locks, as over plain HTTP, every tab that competes has its own.
test('no locks', () => {
  Object.defineProperty(navigator, 'locks', { value: undefined, configurable: true })
  const [one] = tabs(1)
  one?.compete()
  expect(one?.held.peek()).toBe('here')
  one?.leave()
  expect(one?.held.peek()).toBe('nobody')
})
