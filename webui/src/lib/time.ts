/** Where and how a reader reads times; what is left out is the browser's own. */
export interface Reader {
  readonly locale?: string
  readonly zone?: string
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const formats = new Map<string, Intl.DateTimeFormat>()

/** Formats are slow to make and there are a handful. */
function format(name: string, options: Intl.DateTimeFormatOptions, reader: Reader): Intl.DateTimeFormat {
  const key = [name, reader.locale, reader.zone].join('|')
  const have = formats.get(key)
  if (have !== undefined) return have
  const zone = reader.zone === undefined ? {} : { timeZone: reader.zone }
  const made = new Intl.DateTimeFormat(reader.locale, { hourCycle: 'h23', ...options, ...zone })
  formats.set(key, made)
  return made
}

/** The time of day with 24 hours: "14:03". */
export function clock(at: number, reader: Reader = {}): string {
  return format('clock', { hour: '2-digit', minute: '2-digit' }, reader).format(at)
}

/** The whole moment, to show on hover: weekday, date, time to the second and the zone. */
export function exact(at: number, reader: Reader = {}): string {
  return format(
    'exact',
    { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short' },
    reader,
  ).format(at)
}

/** Whether two moments lie on the same day of the reader's calendar. */
export function sameDay(a: number, b: number, reader: Reader = {}): boolean {
  const f = format('day', { day: '2-digit', month: '2-digit', year: 'numeric' }, reader)
  return f.format(a) === f.format(b)
}

/** The title of a day in a room's history: "Today", "Yesterday", or the date. */
export function dayTitle(at: number, now: number, reader: Reader = {}): string {
  if (sameDay(at, now, reader)) return 'Today'
  if (at < now && sameDay(at + day, now, reader)) return 'Yesterday'
  const year = Math.abs(now - at) > 300 * day ? { year: 'numeric' as const } : {}
  return format('title' + (year.year ?? ''), { weekday: 'long', day: 'numeric', month: 'long', ...year }, reader).format(at)
}

/** A length of time in at most two units: "12 s", "3 min", "1 h 12 min", "2 d 4 h". */
export function span(ms: number): string {
  const s = Math.max(0, Math.floor(ms / second))
  if (s < 60) return `${s} s`
  const m = Math.floor(s / 60)
  if (m < 60) return `${m} min`
  const h = Math.floor(m / 60)
  if (h < 24) return m % 60 === 0 ? `${h} h` : `${h} h ${m % 60} min`
  const d = Math.floor(h / 24)
  return h % 24 === 0 ? `${d} d` : `${d} d ${h % 24} h`
}

/** How long ago something was, short: "now", "12 s", "3 min", "14:03", "Yesterday 14:03", "12 Mar". Never in the future. */
export function ago(at: number, now: number, reader: Reader = {}): string {
  const past = now - at
  if (past < 5 * second) return 'now'
  if (past < hour) return span(past)
  if (sameDay(at, now, reader)) return clock(at, reader)
  if (past < 2 * day && sameDay(at + day, now, reader)) return 'Yesterday ' + clock(at, reader)
  if (past < 300 * day) return format('date', { day: 'numeric', month: 'short' }, reader).format(at)
  return format('dateyear', { day: 'numeric', month: 'short', year: 'numeric' }, reader).format(at)
}

/** How long until something is due: "in 3 min", or "now" when it is. */
export function until(at: number, now: number): string {
  return at - now < second ? 'now' : 'in ' + span(at - now)
}
