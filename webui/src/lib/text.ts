/** A piece of text, and whether it is what was searched for. */
export interface Segment {
  readonly text: string
  readonly hit: boolean
}

/** Cuts text at highlight spans of UTF-16 offsets. Spans may come in any order, overlap, or lie outside. */
export function segments(text: string, spans: readonly (readonly [number, number])[]): readonly Segment[] {
  const sorted = spans
    .map(([from, to]) => [whole(text, clamp(from, text)), whole(text, clamp(to, text))] as const)
    .filter(([from, to]) => from < to)
    .toSorted((a, b) => a[0] - b[0])
  const out: Segment[] = []
  const add = (from: number, to: number, hit: boolean) => {
    if (from < to) out.push({ text: text.slice(from, to), hit })
  }
  let at = 0
  for (const [from, to] of sorted) {
    add(at, from, false)
    add(Math.max(at, from), to, true)
    at = Math.max(at, to)
  }
  add(at, text.length, false)
  return out
}

function clamp(n: number, text: string): number {
  return Math.min(Math.max(0, Math.trunc(n)), text.length)
}

/** Moves an offset that would cut a character in two to that character's start. */
function whole(text: string, at: number): number {
  const before = text.charCodeAt(at - 1)
  const after = text.charCodeAt(at)
  return before >= 0xd800 && before < 0xdc00 && after >= 0xdc00 && after < 0xe000 ? at - 1 : at
}

/** What is shown of a long text before somebody asks for the rest. */
export interface Folded {
  readonly head: string
  readonly hidden: number // lines
}

/** How many lines of a message or a pasted log are shown. */
export const foldLines = 24

/** Folds a text of more lines than that; undefined when it is short enough to show whole. */
export function fold(text: string, lines: number = foldLines): Folded | undefined {
  let end = -1
  for (let n = 0; n < lines; n++) {
    end = text.indexOf('\n', end + 1)
    if (end < 0) return undefined
  }
  const rest = text.slice(end + 1)
  if (rest.trim() === '') return undefined
  return { head: text.slice(0, end), hidden: rest.split('\n').length }
}

/**
 * The name of the command that a composer's text calls, without its slash. A second slash in the first word makes it
 * ordinary text, as in "/var/log/syslog is full".
 */
export function commandName(text: string): string | undefined {
  return /^\/([a-z][a-z0-9_-]*)(?=\s|$)/i.exec(text.trimStart())?.[1]?.toLowerCase()
}

/** One or two letters that stand for a name where there is no picture. */
export function initials(name: string): string {
  const words = name.trim().split(/[\s._-]+/u).filter((w) => w !== '')
  const [first, last] = [words[0], words.length > 1 ? words.at(-1) : undefined]
  return [first, last].map((w) => (w === undefined ? '' : [...w][0] ?? '')).join('').toUpperCase()
}

/** A number with its noun: "1 alert", "2 alerts". */
export function plural(n: number, one: string, many: string = one + 's'): string {
  return `${n} ${n === 1 ? one : many}`
}
