import type { Timestamp } from '../../wire/types.gen.ts'

const minute = 60_000

/** A moment as the on-call types write it. */
export function timestamp(at: number): Timestamp {
  return new Date(at).toISOString() as Timestamp
}

/** The browser's own time zone. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** The time zones to offer; the one in use is among them even where the browser does not list it. */
export function zones(present: string): readonly string[] {
  const known: readonly string[] = Intl.supportedValuesOf('timeZone')
  return [...new Set(['UTC', ownZone(), present, ...known])].filter((zone) => zone !== '').toSorted()
}

/** The wall clock of a zone at a moment, as a field for date and time holds it: "2026-11-23T09:00". */
export function wall(at: number, zone: string): string {
  const part = parts(at, zone)
  return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}`
}

/**
 * The moment at which a zone's wall clock shows that time; undefined when it is none. A time that a clock change skips
 * counts as if the clock had not been changed yet; of a time that it shows twice the first one is meant.
 */
export function moment(local: string, zone: string): number | undefined {
  const utc = Date.parse(local + 'Z')
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(local) || Number.isNaN(utc)) {
    return undefined
  }
  const offsets = [offset(utc - 24 * 60 * minute, zone), offset(utc + 24 * 60 * minute, zone)]
  const fits = offsets.map((by) => utc - by).filter((at) => wall(at, zone) === local)
  return fits.length > 0 ? Math.min(...fits) : utc - (offsets[0] ?? 0)
}

/** By how many milliseconds a zone's wall clock is ahead of UTC at a moment. */
function offset(at: number, zone: string): number {
  return Date.parse(wall(at, zone) + 'Z') - Math.floor(at / minute) * minute
}

const formats = new Map<string, Intl.DateTimeFormat>()

function parts(at: number, zone: string): Readonly<Record<string, string>> {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    formats.set(zone, format)
  }
  return Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.type === 'year' ? part.value.padStart(4, '0') : part.value]))
}

const moments = new Map<string, Intl.DateTimeFormat>()

/** A moment of the coming weeks in a zone, without its year: "Wed 25 Nov, 09:00". */
export function dayAndTime(at: number, zone: string): string {
  let format = moments.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat(undefined, { timeZone: zone, weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    moments.set(zone, format)
  }
  return format.format(at)
}

/** Where a moment lies among the days from the day of start on: 1.5 is noon of the second day, by the zone's wall clock. */
export function dayPlace(at: number, start: number, zone: string): number {
  const [day, time] = wall(at, zone).split('T')
  const [first] = wall(start, zone).split('T')
  const [hours, minutes] = (time ?? '').split(':').map(Number)
  const days = Math.round((Date.parse(`${day}T00:00Z`) - Date.parse(`${first}T00:00Z`)) / (24 * 60 * minute))
  return days + ((hours ?? 0) * 60 + (minutes ?? 0)) / (24 * 60)
}
