import { json } from './guard.ts'

/** Turns what was stored, by this or an older version, into a T; undefined when it is none. */
export type Check<T> = (x: unknown) => T | undefined

/** Small JSON values under names. Where the browser refuses storage they live as long as the page. */
export interface Shelf {
  read<T>(key: string, check: Check<T>): T | undefined
  write(key: string, value: unknown): void
  remove(key: string): void
}

const prefix = 'wr:'

/** A shelf over a browser's storage, which is asked for each time because asking may throw. */
export function shelf(storage: () => Storage | undefined): Shelf {
  const memory = new Map<string, string>()
  const use = <T>(fn: (s: Storage) => T): T | undefined => {
    try {
      const s = storage()
      return s === undefined ? undefined : fn(s)
    } catch {
      return undefined
    }
  }
  return {
    read(key, check) {
      const source = memory.get(key) ?? use((s) => s.getItem(prefix + key)) ?? undefined
      return source === undefined ? undefined : check(json(source))
    },
    write(key, value) {
      const source = JSON.stringify(value)
      const kept = use((s) => {
        s.setItem(prefix + key, source)
        return true
      })
      if (kept === true) {
        memory.delete(key)
      } else {
        memory.set(key, source)
      }
    },
    remove(key) {
      memory.delete(key)
      use((s) => s.removeItem(prefix + key))
    },
  }
}

/** What every tab of this browser shares, and what outlives it. */
export const local: Shelf = shelf(() => globalThis.localStorage)

/** What belongs to this tab and survives its reload. */
export const tab: Shelf = shelf(() => globalThis.sessionStorage)
