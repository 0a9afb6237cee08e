// What must sound, as a pure function of what is known. Nobody else decides that.
import { rings } from '../state/derived.ts'
import type { Event, Incident, IncidentId, PersonId } from '../wire/types.gen.ts'

/** What the decision hangs on. */
export interface Situation {
  readonly incidents: ReadonlyMap<IncidentId, Incident>
  readonly me: PersonId | undefined
  readonly now: number
  readonly ready: boolean // this tab may and can make a sound
  readonly held: 'here' | 'elsewhere' | 'nobody' // which tab of this device has the ringer
}

/** What sounds in this tab. */
export type Sound =
  | { readonly t: 'critical'; readonly incidents: readonly IncidentId[] }
  | { readonly t: 'mute'; readonly incidents: readonly IncidentId[] } // should sound, and no tab of this device can
  | { readonly t: 'nothing' }

/** The siren sounds in the one tab that has the ringer, while any critical incident rings this person. */
export function sound(s: Situation): Sound {
  const incidents = [...s.incidents.values()].filter((i) => rings(i, s.me, s.now)).map((i) => i.id).toSorted((a, b) => a - b)
  if (incidents.length === 0 || s.held === 'elsewhere') return { t: 'nothing' }
  return { t: s.held === 'here' && s.ready ? 'critical' : 'mute', incidents }
}

/** What sounds once, because of an event. before is what was known of the incidents until then. */
export function chime(event: Event, before: ReadonlyMap<IncidentId, Incident>, me: PersonId | undefined): 'low' | 'allClear' | undefined {
  if (me === undefined) return undefined
  if (event.kind === 'page.changed') {
    const { page } = event.body
    const low = before.get(page.incident)?.severity === 'low'
    return low && page.person === me && page.way === 'browser' && page.state === 'queued' ? 'low' : undefined
  }
  if (event.kind !== 'incident.changed') return undefined
  const { incident: now } = event.body
  const was = before.get(now.id)
  if (was === undefined || now.severity !== 'critical' || !concerns(was, me)) return undefined
  const senderDone = now.senderDone === true && was.senderDone !== true
  const ended = now.state === 'resolved' && was.state === 'triggered' && event.actor !== me
  return senderDone || ended ? 'allClear' : undefined
}

/** Whether somebody was rung for an incident or owns it. */
function concerns(i: Incident, me: PersonId): boolean {
  return i.owner === me || (i.ringing?.includes(me) ?? false) || (i.paged?.includes(me) ?? false)
}
