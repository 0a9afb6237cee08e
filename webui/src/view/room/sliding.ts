import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'

/** Somebody who comes down this near to the end wants to read the newest. */
const nearEnd = 12

/** What the list asks of its scroller. */
export interface Sliding {
  readonly scroller: RefObject<HTMLDivElement | null>
  readonly content: RefObject<HTMLDivElement | null>
  /** whether the view stays at the newest row */
  readonly pinned: { current: boolean }
  /** goes to the end with the next picture, and stays there */
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
  const height = useRef(0)
  const frame = useRef<number | undefined>(undefined)
  const anchor = pinned.current ? undefined : topRow(scroller.current)

  const keep = (box: HTMLElement): void => {
    top.current = box.scrollTop
    height.current = box.clientHeight
  }
  const hold = (box: HTMLElement): void => {
    toEnd(box)
    keep(box)
  }

  useLayoutEffect(() => {
    const box = scroller.current
    if (box === null) return
    if (pinned.current) {
      // Measuring here would lay the page out once per message; before the next picture is soon enough.
      frame.current ??= requestAnimationFrame(() => {
        frame.current = undefined
        if (pinned.current) hold(box)
      })
    } else if (anchor !== undefined && anchor.row.isConnected) {
      const moved = anchor.row.getBoundingClientRect().top - anchor.top
      if (Math.abs(moved) >= 0.5) box.scrollTop += moved
      keep(box)
    }
  })

  useEffect(() => {
    const box = scroller.current
    const inner = content.current
    if (box === null || inner === null || typeof ResizeObserver === 'undefined') return
    const watch = new ResizeObserver(() => {
      if (pinned.current) hold(box)
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
      top.current = 0 // other rows come: where they stand says nothing of the reader
      requestAnimationFrame(() => {
        if (pinned.current && scroller.current !== null) hold(scroller.current)
      })
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
      // Only going up lets go: rows that grew since, or a list that became lower, are no wish of the reader's.
      const left = box.scrollHeight - box.scrollTop - box.clientHeight
      const up = box.scrollTop < top.current - 0.5 && box.clientHeight === height.current
      pinned.current = whole && (left < 1 || (!up && (pinned.current || left <= nearEnd)))
      // At the end nothing shall be anchored to rows above it: it would look like going up.
      box.style.overflowAnchor = pinned.current ? 'none' : 'auto'
      if (pinned.current) toEnd(box)
      keep(box)
    },
    lowest: () => lowestRow(scroller.current),
  }
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
