import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'

/** Somebody this near to the end is reading the newest. */
const nearEnd = 12

/** What the list asks of its scroller. */
export interface Sliding {
  readonly scroller: RefObject<HTMLDivElement | null>
  readonly content: RefObject<HTMLDivElement | null>
  /** whether the view stays at the newest row */
  readonly pinned: { current: boolean }
  readonly pin: () => void
  /** brings a row into the middle, which unpins */
  readonly reveal: (seq: number) => boolean
  /** follows a scroll of the reader's or of the program's */
  readonly moved: (whole: boolean) => void
  /** the lowest row that can be seen */
  readonly lowest: () => number | undefined
}

/**
 * useSliding keeps a list of rows still while it changes. At its end it stays at the end, whatever grows; further up
 * the first row that can be seen stays where it is: the browser's own anchoring does that, and what it misses (rows
 * put in at the very top, rows taken away) is measured around each rendering and corrected.
 */
export function useSliding(): Sliding {
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const pinned = useRef(true)
  const top = useRef(0)
  const anchor = pinned.current ? undefined : topRow(scroller.current)

  useLayoutEffect(() => {
    const box = scroller.current
    if (box === null) return
    if (pinned.current) {
      toEnd(box)
    } else if (anchor !== undefined && anchor.row.isConnected) {
      const moved = anchor.row.getBoundingClientRect().top - anchor.top
      if (Math.abs(moved) >= 0.5) box.scrollTop += moved
    }
  })

  useEffect(() => {
    const box = scroller.current
    const inner = content.current
    if (box === null || inner === null || typeof ResizeObserver === 'undefined') return
    const watch = new ResizeObserver(() => {
      if (pinned.current) toEnd(box)
    })
    watch.observe(box)
    watch.observe(inner)
    return () => watch.disconnect()
  }, [])

  return {
    scroller,
    content,
    pinned,
    pin: () => {
      pinned.current = true
      if (scroller.current !== null) toEnd(scroller.current)
    },
    reveal: (seq) => {
      const row = scroller.current?.querySelector(`[data-seq="${seq}"]`)
      if (row === null || row === undefined) return false
      pinned.current = false
      row.scrollIntoView({ block: 'center' })
      return true
    },
    moved: (whole) => {
      const box = scroller.current
      if (box === null) return
      // Only going up lets go: rows that grew since are no wish of the reader's.
      const up = box.scrollTop < top.current - 1
      pinned.current = whole && (atEnd(box) || (pinned.current && !up))
      if (pinned.current) toEnd(box)
      top.current = box.scrollTop
    },
    lowest: () => lowestRow(scroller.current),
  }
}

/** Whether a scroller stands at its end. */
function atEnd(box: HTMLElement): boolean {
  return box.scrollHeight - box.scrollTop - box.clientHeight <= nearEnd
}

function toEnd(box: HTMLElement): void {
  box.scrollTop = box.scrollHeight
}

function rowsOf(box: HTMLElement): readonly HTMLElement[] {
  return [...box.querySelectorAll<HTMLElement>('[data-seq]')]
}

/** The first row that can be seen, and where it stands. */
function topRow(box: HTMLElement | null): { readonly row: HTMLElement; readonly top: number } | undefined {
  if (box === null) return undefined
  const edge = box.getBoundingClientRect().top
  for (const row of rowsOf(box)) {
    const at = row.getBoundingClientRect()
    if (at.bottom > edge) return { row, top: at.top }
  }
  return undefined
}

function lowestRow(box: HTMLElement | null): number | undefined {
  if (box === null) return undefined
  const edge = box.getBoundingClientRect().bottom
  const row = rowsOf(box).findLast((one) => one.getBoundingClientRect().top < edge)
  const seq = Number(row?.dataset.seq)
  return Number.isFinite(seq) ? seq : undefined
}
