/** Something that can be found by typing letters of its name. */
export interface Named {
  readonly name: string
  /** further words that find it, worth less than the name */
  readonly also?: string
}

/**
 * How well letters typed in order fit a name; undefined when they do not occur in that order. Whole beginnings are
 * best, then beginnings of words, then runs; long names lose a little.
 */
export function score(query: string, name: string): number | undefined {
  const q = query.toLowerCase().replaceAll(/\s+/g, '')
  const n = name.toLowerCase()
  if (q === '') return 0
  if (n.startsWith(q)) return 100 - n.length / 100
  const whole = n.indexOf(q)
  if (whole > 0 && startsWord(n, whole)) return 90 - n.length / 100
  let points = 0
  let at = -1
  for (const letter of q) {
    const next = nextPlace(n, letter, at + 1)
    if (next < 0) return undefined
    points += next === at + 1 ? 3 : startsWord(n, next) ? 4 : 1
    at = next
  }
  return points - n.length / 100
}

/** The next beginning of a word with that letter is better than a nearer one inside of a word, unless it follows at once. */
function nextPlace(n: string, letter: string, from: number): number {
  const near = n.indexOf(letter, from)
  if (near <= from || startsWord(n, near)) return near
  for (let i = near; i < n.length; i++) {
    if (n[i] === letter && startsWord(n, i)) return i
  }
  return near
}

function startsWord(n: string, at: number): boolean {
  return at === 0 || /[^\p{L}\p{N}]/u.test(n[at - 1] ?? '')
}

/** The best fits, best first; what scores the same keeps its order. */
export function find<T extends Named>(query: string, things: readonly T[], limit: number): readonly T[] {
  return things
    .map((thing) => {
      const name = score(query, thing.name)
      const also = thing.also === undefined ? undefined : score(query, thing.also)
      const best = Math.max(name ?? -Infinity, (also ?? -Infinity) - 2)
      return { thing, best }
    })
    .filter((x) => x.best > -Infinity)
    .toSorted((a, b) => b.best - a.best)
    .slice(0, limit)
    .map((x) => x.thing)
}
