type Spans = readonly (readonly [number, number])[]

/** A part of a text around what was found in it, with the spans moved along. */
export interface Excerpt {
  readonly text: string
  readonly spans: Spans
  /** what was left out on either side */
  readonly cut: { readonly start: boolean; readonly end: boolean }
}

const before = 120
const longest = 480

/** Cuts a long text around its first match; a short one stays whole. Offsets are UTF-16, as JavaScript counts. */
export function excerpt(text: string, spans: Spans): Excerpt {
  if (text.length <= longest) return { text, spans, cut: { start: false, end: false } }
  const first = spans.length === 0 ? 0 : Math.min(...spans.map(([from]) => from))
  const start = edge(text, Math.max(0, first - before))
  const end = edge(text, Math.min(text.length, start + longest))
  const inside = spans.filter(([from, to]) => to > start && from < end).map(([from, to]) => [Math.max(from, start) - start, Math.min(to, end) - start] as const)
  return { text: text.slice(start, end), spans: inside, cut: { start: start > 0, end: end < text.length } }
}

/** A place near at that does not cut a word, nor a character, in two. */
function edge(text: string, at: number): number {
  if (at === 0 || at === text.length) return at
  const space = text.slice(at, at + 40).search(/\s/)
  if (space >= 0) return at + space
  const code = text.charCodeAt(at)
  return code >= 0xdc00 && code < 0xe000 ? at + 1 : at
}
