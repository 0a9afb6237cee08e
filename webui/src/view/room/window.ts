/** The rows that stand in the document, by the numbers of their ends; without an end it lies at the newest, or as far back as usual. */
export interface Span {
  readonly first?: number
  readonly last?: number
}

/** Places in a list: from (included) to (excluded). */
export interface Range {
  readonly from: number
  readonly to: number
}

/** At most this many rows stand in the document. */
export const maxRows = 200

/** How many rows a room begins with, and how many come with each step. */
const first = 80
const step = 60

/**
 * Where a span lies in a list that may have grown at both ends since. Somebody who reads the newest rows loses the
 * oldest when there are too many; somebody who reads further up loses the newest, so that nothing moves.
 */
export function place(ids: readonly number[], span: Span, pinned: boolean): Range {
  const n = ids.length
  const last = span.last === undefined ? -1 : ids.indexOf(span.last)
  const to = last < 0 ? n : last + 1
  const begin = span.first === undefined ? -1 : ids.indexOf(span.first)
  const from = begin < 0 ? Math.max(0, to - first) : Math.min(begin, to)
  if (to - from <= maxRows) return { from, to }
  return pinned ? { from: to - maxRows, to } : { from, to: from + maxRows }
}

/** The span that shows a step more of older rows. */
export function widenOlder(ids: readonly number[], range: Range): Span {
  const from = Math.max(0, range.from - step)
  return spanOf(ids, { from, to: Math.min(range.to, from + maxRows) })
}

/** The span that shows a step more of newer rows. */
export function widenNewer(ids: readonly number[], range: Range): Span {
  const to = Math.min(ids.length, range.to + step)
  return spanOf(ids, { from: Math.max(range.from, to - maxRows), to })
}

/** The span around a row. */
export function spanAround(ids: readonly number[], id: number): Span {
  const at = Math.max(0, ids.indexOf(id))
  return spanOf(ids, { from: Math.max(0, at - step), to: Math.min(ids.length, at + step) })
}

function spanOf(ids: readonly number[], range: Range): Span {
  const begin = ids[range.from]
  const end = range.to >= ids.length ? undefined : ids[range.to - 1]
  return { ...(begin === undefined ? {} : { first: begin }), ...(end === undefined ? {} : { last: end }) }
}
