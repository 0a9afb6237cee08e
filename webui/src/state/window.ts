// Stretches of messages, kept whole: pages come from the API, each as of its own Seq, while events arrive.
import type { HistoryPage, Told } from '../wire/rest.ts'
import { millis } from '../wire/brand.ts'
import type { EventOf, Message, Millis, Seq } from '../wire/types.gen.ts'
import { type History, type Line, before } from './core.ts'

/** An event about messages. */
export type Word = EventOf<'message.posted'> | EventOf<'message.edited'> | EventOf<'message.deleted'>

/** What the stretch is of: a room's messages outside threads, or the replies to one. */
export type Subject = { readonly room: string } | { readonly root: Seq }

const most = 3000 // lines held of one room while it only grows
const kept = 2000

/** The message of an event, with its ID and time from the envelope. */
export function told(event: EventOf<'message.posted'>): Told {
  const { message } = event.body
  return { ...message, id: event.seq, time: message.time !== undefined && message.time !== millis(0) ? message.time : event.time }
}

/** The stretch that a page is. */
export function stretch(page: HistoryPage): History {
  return { lines: page.messages.map((m) => line(m, page.at)), older: page.older, newer: page.newer, at: page.at, stale: false }
}

/** A message as it was at a Seq. */
export function line(m: Told, asOf: Seq): Line {
  return { ...m, asOf }
}

/** Applies an event to the stretch of this subject. An event that the stretch holds already changes nothing. */
export function hear(h: History, subject: Subject, event: Word): History {
  if (event.kind === 'message.posted') {
    const m = told(event)
    const mine = 'room' in subject ? m.thread === undefined && m.room === subject.room : m.thread === subject.root
    if (mine) return append(h, line(m, event.seq))
  }
  const lines = changed(h.lines, event)
  return lines === h.lines ? h : { ...h, lines }
}

function append(h: History, fresh: Line): History {
  if (h.newer || h.stale || fresh.id <= h.at || h.lines.some((l) => l.id === fresh.id)) return h
  let at = h.lines.length
  for (let l = h.lines[at - 1]; l !== undefined && before(fresh, l); l = h.lines[at - 1]) at--
  const lines = h.lines.toSpliced(at, 0, fresh)
  return lines.length <= most ? { ...h, lines } : { ...h, lines: lines.slice(-kept), older: true }
}

function changed(lines: readonly Line[], event: Word): readonly Line[] {
  const about = subjectOf(event)
  if (about === undefined) return lines
  const at = lines.findLastIndex((l) => l.id === about)
  const l = lines[at]
  if (l === undefined) return lines
  const next = revise(l, event)
  return next === l ? lines : lines.with(at, next)
}

/** The message that an event changes: the one that it names, or the one that is replied to. */
function subjectOf(event: Word): Seq | undefined {
  switch (event.kind) {
    case 'message.posted':
      return event.body.message.thread
    case 'message.edited':
    case 'message.deleted':
      return event.body.message
    default:
      return event satisfies never
  }
}

/** A line after an event about it; the same line when that is in it already. */
export function revise(l: Line, event: Word): Line {
  if (event.seq <= l.asOf) return l
  switch (event.kind) {
    case 'message.posted':
      return event.body.message.thread === l.id ? { ...l, replies: (l.replies ?? 0) + 1, lastReply: told(event).time } : l
    case 'message.edited':
      return event.body.message === l.id && event.body.superseded !== true && l.deleted === undefined ? edited(l, event.body) : l
    case 'message.deleted':
      return event.body.message === l.id ? tombstone(l, event.body.deleted) : l
    default:
      return event satisfies never
  }
}

function edited(l: Line, body: EventOf<'message.edited'>['body']): Line {
  const { mentions: _, ...rest } = l
  return { ...rest, text: body.text, edited: body.edited, ...(body.mentions === undefined ? {} : { mentions: body.mentions }) }
}

/** What is left of a message that was deleted: where it stood and whose it was. */
function tombstone(l: Line, deleted: Millis): Line {
  const { text: _text, files: _files, mentions: _mentions, card: _card, command: _command, as: _as, edited: _edited, ...rest } = l
  return { ...rest, text: '', deleted }
}

/** One reply fewer: a reply was deleted. */
export function unreply(l: Line, event: EventOf<'message.deleted'>): Line {
  return event.seq <= l.asOf || event.body.thread !== l.id ? l : { ...l, replies: Math.max(0, (l.replies ?? 0) - 1) }
}

/** Applies unreply to the root of a deleted reply, where the stretch holds it. */
export function unreplied(h: History, event: EventOf<'message.deleted'>): History {
  const at = h.lines.findLastIndex((l) => l.id === event.body.thread)
  const l = h.lines[at]
  return l === undefined ? h : { ...h, lines: h.lines.with(at, unreply(l, event)) }
}

/** Applies an event to a stretch with all that it means for it. */
export function follow(h: History, subject: Subject, event: Word): History {
  const next = hear(h, subject, event)
  return event.kind === 'message.deleted' && event.body.thread !== undefined ? unreplied(next, event) : next
}

/** Where a page belongs: it replaces the stretch, or continues it at the message that it was asked to continue. */
export type Joint = { readonly side: 'whole' } | { readonly side: 'older' | 'newer'; readonly anchor: Seq }

/**
 * Puts a page, which already heard the events that came while it travelled, to the stretch that is held. A page that
 * continues what is not held any more is dropped.
 */
export function join(held: History | undefined, page: History, joint: Joint): History | undefined {
  switch (joint.side) {
    case 'whole':
      return page
    case 'older':
      if (held === undefined || held.stale || held.lines[0]?.id !== joint.anchor) return held
      return { ...held, lines: [...page.lines.filter((l) => !has(held, l.id)), ...held.lines], older: page.older }
    case 'newer':
      if (held === undefined || held.stale || held.lines.at(-1)?.id !== joint.anchor) return held
      return { ...page, lines: [...held.lines, ...page.lines.filter((l) => !has(held, l.id))], older: held.older }
    default:
      return joint satisfies never
  }
}

function has(h: History, id: Seq): boolean {
  return h.lines.some((l) => l.id === id)
}

/** Whether a message names a person; one's own never count. */
export function names(m: Message, person: string): boolean {
  return m.author !== person && (m.mentions?.some((p) => p === person) ?? false)
}
