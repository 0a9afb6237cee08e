import { expect, test } from 'vitest'
import { createApi } from '../wire/api.ts'
import { roomId, seq } from '../wire/brand.ts'
import type { Http } from '../wire/http.ts'
import { Histories } from './histories.ts'
import { Model, dice } from './model.testing.ts'
import { Store } from './state.ts'

/** A server that reads when it is let, and whose answers travel until they are let in. */
class Slow implements Http {
  readonly #waiting: { readonly path: string; answer: string | undefined; readonly arrive: (json: string) => void }[] = []
  readonly #answer: (path: string) => unknown

  constructor(answer: (path: string) => unknown) {
    this.#answer = answer
  }

  read<T>(path: string): Promise<T> {
    return new Promise((resolve) => {
      this.#waiting.push({ path, answer: undefined, arrive: (json) => resolve(JSON.parse(json)) })
    })
  }

  /** Reads what the oldest unread request asks for. */
  serve(): void {
    const next = this.#waiting.find((w) => w.answer === undefined)
    if (next !== undefined) next.answer = JSON.stringify(this.#answer(next.path))
  }

  /** Lets the oldest answer arrive. */
  deliver(): void {
    const [first] = this.#waiting
    if (first?.answer === undefined) return
    this.#waiting.shift()
    first.arrive(first.answer)
  }

  get busy(): boolean {
    return this.#waiting.length > 0
  }

  call = <T>(): Promise<T> => Promise.reject(new Error('not asked here'))
  send = () => Promise.reject(new Error('not asked here'))
  upload = <T>(): Promise<T> => Promise.reject(new Error('not asked here'))
  text = () => Promise.reject(new Error('not asked here'))
  renew = () => Promise.resolve(true)
}

function world(seed: number) {
  const random = dice(seed)
  const model = new Model(random)
  const slow = new Slow((path) => {
    const url = new URL(path, 'http://x')
    const [, noun, id, what] = url.pathname.split('/')
    if (noun === 'rooms') return model.page(model.lines(roomId(id ?? '')), url.searchParams)
    const root = [...model.rooms.values()].flatMap((p) => p.messages).find((m) => String(m.id) === id)
    if (root === undefined) return { messages: [], older: false, newer: false, at: model.at }
    return what === 'thread' ? model.page(model.lines(root.room, root.id), url.searchParams) : root
  })
  const store = new Store()
  return { random, model, slow, store, histories: new Histories(createApi(slow), store) }
}

const settle = async () => {
  for (let turn = 0; turn < 12; turn++) await Promise.resolve()
}

// However pages, each as of its own moment, and events overtake each other: what is held is what was said, without a
// gap, a double or an old version; and a window says truly whether there is more on either side.
test('pages and events make whole windows', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const { random, model, slow, store, histories } = world(seed)
    for (let i = 0; i < 60; i++) model.step()
    model.outgoing = []
    store.restart(model.snapshot())
    const hear = () => {
      const event = model.outgoing.shift()
      if (event !== undefined) store.hear(event)
    }
    const look = () => {
      const p = model.pick(model.mine())
      const m = model.pick(p?.messages.filter((x) => x.thread === undefined) ?? [])
      if (p === undefined || m === undefined) return
      const { id } = p.room
      const does = model.pick([() => histories.show(id), () => histories.older(id), () => histories.newer(id), () => histories.latest(id), () => histories.show(id, m.id), () => histories.showThread(m.id), () => histories.olderReplies(m.id)])
      void does?.()
    }
    for (let i = 0; i < 200; i++) {
      model.pick([() => model.step(), hear, hear, look, () => slow.serve(), () => slow.deliver()])?.()
      if (random() < 0.02) {
        model.outgoing = []
        store.restart(model.snapshot())
      }
      await settle()
    }
    while (slow.busy) {
      slow.serve()
      slow.deliver()
      await settle()
    }
    while (model.outgoing.length > 0) hear()
    const core = store.core.peek()
    for (const [room, held] of core.histories) {
      if (!model.mine().some((p) => p.room.id === room) || held.stale) continue
      check(`seed ${seed} room`, held, model.lines(room))
    }
    for (const [root, held] of core.threads) {
      if (!model.mine().some((p) => p.room.id === held.root.room) || held.stale) continue
      check(`seed ${seed} thread`, held, model.lines(held.root.room, root))
      const { asOf: _, ...said } = held.root
      const now = model.lines(held.root.room).find((m) => m.id === root)
      expect(said.text, `seed ${seed} root`).toBe(now?.text)
      if (!held.older) expect(said.replies ?? 0, `seed ${seed} replies`).toBe(now?.replies ?? 0)
    }
  }
}, 60_000)

function check(name: string, held: { readonly lines: readonly object[]; readonly older: boolean; readonly newer: boolean }, all: readonly object[]) {
  const lines = held.lines.map((l) => {
    const { asOf: _, replies, ...m } = { replies: 0, asOf: seq(0), ...l }
    return { replies, ...m }
  })
  const truth = all.map((m) => ({ replies: 0, ...m }))
  const from = lines.length === 0 ? truth.length : truth.findIndex((m) => 'id' in m && m.id === idOf(lines[0]))
  const to = held.newer ? from + lines.length : truth.length
  expect(lines, name).toEqual(truth.slice(from, to))
  expect({ older: held.older }, name).toEqual({ older: from > 0 })
  if (held.newer) expect(to, name).toBeLessThan(truth.length)
}

function idOf(x: object | undefined): unknown {
  return x !== undefined && 'id' in x ? x.id : undefined
}
