import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { dayTitle, exact } from '../../lib/time.ts'
import type { Pending } from '../../state/outbox.ts'
import type { Line } from '../../state/core.ts'
import type { Seq } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { Icon } from '../parts/Icon.tsx'
import { MessageRow } from './MessageRow.tsx'
import { PendingRow } from './PendingRow.tsx'
import { arrange, type Item } from './rows.ts'
import { useSliding } from './sliding.ts'
import { place, type Range, type Span, spanAround, widenNewer, widenOlder } from './window.ts'

interface Props {
  readonly label: string
  readonly lines: readonly Line[]
  readonly pending: readonly Pending[]
  /** the server has more on that side than lines holds */
  readonly older: boolean
  readonly newer: boolean
  readonly onOlder: () => Promise<void>
  readonly onNewer: () => Promise<void>
  /** goes to the newest messages when lines does not hold them */
  readonly onLatest: () => Promise<void>
  readonly onSeen?: (seq: Seq) => void
  /** the message to go to */
  readonly jump?: Seq | undefined
  /** where reading stopped before the room was opened */
  readonly seen?: Seq | undefined
  readonly inThread?: boolean
  /** what stands above the first message there is */
  readonly children?: ComponentChildren
}

/** MessageList is a window of rows that slides over a room's history. */
export function MessageList(props: Props): JSX.Element {
  const { store } = useClient()
  const { lines, jump } = props
  const [span, setSpan] = useState<Span>({})
  const [away, setAway] = useState(false)
  const slide = useSliding()
  const ids = useMemo(() => lines.map((line) => line.id), [lines])
  const range = place(ids, span, slide.pinned.current && !props.newer)
  const whole = !props.newer && range.to === ids.length
  const me = store.me.value?.id
  const items = useMemo(() => arrange(lines.slice(range.from, range.to), { seen: props.seen, me }), [lines, range.from, range.to, props.seen, me])
  const ends = useEnds(props, ids, range, setSpan, slide.scroller)
  useJump(jump, ids, setSpan, slide.reveal, () => setAway(true))

  const settle = (): void => {
    slide.moved(whole)
    setAway(!slide.pinned.current)
    report(props, slide.lowest())
  }
  useEffect(() => {
    if (slide.pinned.current) report(props, lines.at(-1)?.id)
  }, [lines])

  const toNewest = (): void => {
    void props.onLatest().then(() => {
      setSpan({})
      setAway(false)
      slide.pin()
    })
  }
  return (
    <div class="listing">
      <div class="scroller" ref={slide.scroller} onScroll={settle} onKeyDown={walk}>
        <div class="log" role="log" aria-live="polite" aria-label={props.label} ref={slide.content}>
          <div ref={ends.top} class="end" />
          {range.from === 0 && !props.older ? props.children : <p class="hint center">Loading older messages…</p>}
          {items.map((item, i) => (
            <Row key={item.key} item={item} hit={jump} reachable={i === items.length - 1} inThread={props.inThread === true} />
          ))}
          {whole && props.pending.map((one, i) => <PendingRow key={one.nonce} pending={one} follows={i > 0 || lines.at(-1)?.author === me} />)}
          <div ref={ends.bottom} class="end" />
        </div>
      </div>
      {(away || !whole) && (
        <button class="btn newest" type="button" onClick={toNewest}>
          <Icon name="arrowDown" />
          Newest
        </button>
      )}
    </div>
  )
}

function report(props: Props, seq: number | undefined): void {
  const line = props.lines.find((one) => one.id === seq)
  if (line !== undefined) props.onSeen?.(line.id)
}

function Row(props: { readonly item: Item; readonly hit: Seq | undefined; readonly reachable: boolean; readonly inThread: boolean }): JSX.Element {
  const { store } = useClient()
  const { item } = props
  switch (item.kind) {
    case 'day':
      return (
        <div class="day" role="separator" title={exact(item.at)}>
          <span>{dayTitle(item.at, store.now.peek())}</span>
        </div>
      )
    case 'new':
      return (
        <div class="day fresh" role="separator">
          <span>New</span>
        </div>
      )
    case 'line':
      return <MessageRow line={item.line} follows={item.follows} hit={item.line.id === props.hit} reachable={props.reachable} inThread={props.inThread} />
    default:
      return item satisfies never
  }
}

/** Brings more rows whenever an end of the window comes near: first those that are held, then those of the server. */
function useEnds(props: Props, ids: readonly number[], range: Range, setSpan: (span: Span) => void, root: { current: HTMLDivElement | null }) {
  const top = useRef<HTMLDivElement>(null)
  const bottom = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (typeof IntersectionObserver === 'undefined') return
    const watch = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          if (!entry.isIntersecting) continue
          if (entry.target === top.current) {
            if (range.from > 0) setSpan(widenOlder(ids, range))
            else if (props.older) void props.onOlder().catch(() => undefined)
          } else if (range.to < ids.length) {
            setSpan(widenNewer(ids, range))
          } else if (props.newer) {
            void props.onNewer().catch(() => undefined)
          }
        }
      },
      { root: root.current, rootMargin: '400px 0px' },
    )
    if (top.current !== null) watch.observe(top.current)
    if (bottom.current !== null) watch.observe(bottom.current)
    return () => watch.disconnect()
  }, [ids, range.from, range.to, props.older, props.newer])
  return { top, bottom }
}

/** Goes to a message once it is held, and again only when another one is asked for. */
function useJump(jump: Seq | undefined, ids: readonly number[], setSpan: (span: Span) => void, reveal: (seq: number) => boolean, onAway: () => void): void {
  const done = useRef<Seq | undefined>(undefined)
  const wanted = jump !== undefined && jump !== done.current && ids.includes(jump) ? jump : undefined
  useLayoutEffect(() => {
    if (jump === undefined) done.current = undefined
    if (wanted === undefined) return
    if (reveal(wanted)) {
      done.current = wanted
      onAway()
    } else {
      setSpan(spanAround(ids, wanted))
    }
  })
}

/** Up and down walk from message to message while one has the focus. */
function walk(e: KeyboardEvent): void {
  if ((e.key !== 'ArrowUp' && e.key !== 'ArrowDown') || !(e.target instanceof HTMLElement) || !e.target.matches('.msg')) return
  let next: Element | null = e.target
  do {
    next = e.key === 'ArrowUp' ? next.previousElementSibling : next.nextElementSibling
  } while (next !== null && !next.matches('.msg'))
  if (next instanceof HTMLElement) {
    e.preventDefault()
    next.focus()
  }
}
