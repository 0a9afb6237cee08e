import { clock, span } from '../../lib/time.ts'
import { plural } from '../../lib/text.ts'
import type { Incident, Page, PageState, PersonId, WayKind } from '../../wire/types.gen.ts'
import type { Tone } from '../parts/Severity.tsx'

/** How an incident stands, in a word or two. */
export function stateWords(incident: Incident): string {
  switch (incident.state) {
    case 'resolved':
      return 'Resolved'
    case 'acknowledged':
      return incident.senderDone === true ? 'Acknowledged, well again' : 'Acknowledged'
    case 'triggered':
      return incident.notDelivered === true ? 'NOT DELIVERED' : (incident.ringing?.length ?? 0) > 0 ? 'Ringing' : 'Triggered'
  }
}

/** The shape and colour of a state. */
export function stateTone(incident: Incident): Tone {
  switch (incident.state) {
    case 'resolved':
      return 'ok'
    case 'acknowledged':
      return 'info'
    case 'triggered':
      return incident.severity
  }
}

const ways: Readonly<Record<WayKind, string>> = { browser: 'browser', ntfy: 'ntfy', mail: 'mail' }

/** The name of a way to reach somebody. */
export function wayWords(way: WayKind): string {
  return ways[way]
}

const pageStates: Readonly<Record<PageState, string>> = {
  queued: 'queued',
  sent: 'sent',
  received: 'received',
  playing: 'playing',
  heard: 'playing on an output that was heard',
  acknowledged: 'acknowledged',
  failed: 'failed',
  stopped: 'stopped',
}

/** How far one attempt to reach somebody got. */
export function pageWords(page: Page): string {
  return pageStates[page.state]
}

/** The shape and colour of a page's state. */
export function pageTone(state: PageState): Tone {
  switch (state) {
    case 'failed':
      return 'critical'
    case 'playing':
    case 'heard':
    case 'acknowledged':
      return 'ok'
    case 'queued':
    case 'sent':
    case 'received':
    case 'stopped':
      return 'info'
  }
}

/** One person and the newest page by each way. */
export interface Reached {
  readonly person: PersonId
  readonly pages: readonly Page[]
  /** how often this way was tried, by page */
  readonly tries: readonly number[]
}

/** Who was paged, in the order of the first attempt, with the newest page of every way. */
export function reached(pages: readonly Page[]): readonly Reached[] {
  const people = new Map<PersonId, Map<WayKind, Page[]>>()
  for (const page of pages.toSorted((a, b) => a.queued - b.queued)) {
    const by = people.get(page.person) ?? new Map<WayKind, Page[]>()
    by.set(page.way, [...(by.get(page.way) ?? []), page])
    people.set(page.person, by)
  }
  return [...people].map(([person, by]) => {
    const groups = [...by.values()]
    return { person, pages: groups.flatMap((group) => group.at(-1) ?? []), tries: groups.map((group) => group.length) }
  })
}

/** Until when an incident is silenced, in words; undefined when it is not. */
export function silenceWords(incident: Incident, now: number): string | undefined {
  const till = incident.silencedTill ?? 0
  if (till === -1) return 'Silenced until it is resolved'
  return till > now ? `Silenced until ${clock(till)}` : undefined
}

/** How many alerts fire and how many there were. */
export function firingWords(incident: Incident): string {
  if (incident.firing === 0) return incident.alerts === 0 ? 'no alerts' : `${plural(incident.alerts, 'alert')}, none firing`
  return incident.firing === incident.alerts ? `${incident.firing} firing` : `${incident.firing} of ${incident.alerts} firing`
}

/** How long something took, to the tenth of a second when it was short. */
export function took(ms: number): string {
  return ms < 60_000 ? `${(Math.max(0, ms) / 1000).toFixed(1)} s` : span(ms)
}
