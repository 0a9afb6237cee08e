import { type ReadonlySignal, type Signal, computed, signal } from '@preact/signals-core'
import { isObject } from '../lib/guard.ts'
import { local } from '../lib/storage.ts'
import type { RoomId, Seq } from '../wire/types.gen.ts'
import { keyed } from './state.ts'

/** Where something is being written: a room, or the thread of a message. */
export type DraftKey = RoomId | `t:${Seq}`

const kept = 100
const key = 'drafts'

/** What was begun and not sent: it survives a reload, and the end of the browser. */
export class Drafts {
  readonly #texts: Signal<ReadonlyMap<string, string>>

  /** Whether something is begun there. */
  readonly has: (key: DraftKey) => ReadonlySignal<boolean> = keyed((k) => computed(() => this.#texts.value.has(k)))

  constructor() {
    this.#texts = signal(local.read(key, texts) ?? new Map())
  }

  read(key: DraftKey): string {
    return this.#texts.peek().get(key) ?? ''
  }

  write(at: DraftKey, text: string): void {
    const next = new Map(this.#texts.peek())
    next.delete(at)
    if (text.trim() !== '') next.set(at, text)
    this.#texts.value = next
    local.write(key, Object.fromEntries([...next].slice(-kept)))
  }

  /** Forgets all, when somebody signs out. */
  clear(): void {
    this.#texts.value = new Map()
    local.remove(key)
  }
}

function texts(x: unknown): ReadonlyMap<string, string> | undefined {
  if (!isObject(x)) return undefined
  return new Map(Object.entries(x).filter((e): e is [string, string] => typeof e[1] === 'string'))
}
