import type { Route } from '../../state/route.ts'
import { incidentId, seq } from '../../wire/brand.ts'

/** Numbers that somebody wrote in a text become the IDs of what they name; whether it exists is seen when it is opened. */
export function incidentRoute(n: number): Route {
  return { page: 'incident', incident: incidentId(n) }
}

/** The same for a message. */
export function messageRoute(n: number): Route {
  return { page: 'message', message: seq(n) }
}
