import { incidentId, roomId, seq } from '../wire/brand.ts'
import type { IncidentId, RoomId, Seq } from '../wire/types.gen.ts'

/** What the page shows: it is in the address after the #, so that it can be linked, reloaded and gone back to. */
export type Route =
  | { readonly page: 'home' }
  | { readonly page: 'room'; readonly room: RoomId; readonly message?: Seq; readonly thread?: Seq }
  | { readonly page: 'message'; readonly message: Seq }
  | { readonly page: 'incidents'; readonly state?: 'open' | 'resolved' }
  | { readonly page: 'incident'; readonly incident: IncidentId }
  | { readonly page: 'oncall' }
  | { readonly page: 'search'; readonly q: string }
  | { readonly page: 'checks' }
  | { readonly page: 'settings'; readonly tab?: string }
  | { readonly page: 'admin'; readonly tab?: string }
  | { readonly page: 'claim' | 'invite' | 'reset' | 'ack'; readonly secret: string }

/** The address of a route, to write into a link. */
export function format(route: Route): string {
  switch (route.page) {
    case 'home':
      return '#/'
    case 'room': {
      const message = route.message === undefined ? '' : `/m/${route.message}`
      const thread = route.thread === undefined ? '' : `/t/${route.thread}`
      return `#/room/${encodeURIComponent(route.room)}${message}${thread}`
    }
    case 'message':
      return `#/m/${route.message}`
    case 'incidents':
      return route.state === undefined ? '#/incidents' : `#/incidents/${route.state}`
    case 'incident':
      return `#/incident/${route.incident}`
    case 'oncall':
    case 'checks':
      return `#/${route.page}`
    case 'search':
      return `#/search/${encodeURIComponent(route.q)}`
    case 'settings':
    case 'admin':
      return route.tab === undefined ? `#/${route.page}` : `#/${route.page}/${encodeURIComponent(route.tab)}`
    case 'claim':
    case 'invite':
    case 'reset':
    case 'ack':
      return `#/${route.page}/${encodeURIComponent(route.secret)}`
    default:
      return route satisfies never
  }
}

/** The route of an address; an address that means nothing is home. */
export function parse(hash: string): Route {
  const [page, first, ...rest] = hash.replace(/^#?\/?/, '').split('/').map(unescape)
  switch (page) {
    case 'room':
      return first === undefined || first === '' ? { page: 'home' } : { page: 'room', room: roomId(first), ...places(rest) }
    case 'm': {
      const message = whole(first)
      return message === undefined ? { page: 'home' } : { page: 'message', message: seq(message) }
    }
    case 'incidents':
      return first === 'open' || first === 'resolved' ? { page, state: first } : { page }
    case 'incident': {
      const n = whole(first)
      return n === undefined ? { page: 'incidents' } : { page, incident: incidentId(n) }
    }
    case 'oncall':
    case 'checks':
      return { page }
    case 'search':
      return { page, q: [first ?? '', ...rest].join('/') }
    case 'settings':
    case 'admin':
      return first === undefined || first === '' ? { page } : { page, tab: first }
    case 'claim':
    case 'invite':
    case 'reset':
    case 'ack':
      return first === undefined || first === '' ? { page: 'home' } : { page, secret: first }
    default:
      return { page: 'home' }
  }
}

/** A message's address that can be pasted anywhere; it leads to the message in its room. */
export function permalink(message: Seq): string {
  return location.origin + '/' + format({ page: 'message', message })
}

/** Reads "m/12/t/9" in either order. */
function places(parts: readonly string[]): { readonly message?: Seq; readonly thread?: Seq } {
  const at = (mark: string) => {
    const i = parts.indexOf(mark)
    return i < 0 ? undefined : whole(parts[i + 1])
  }
  const [message, thread] = [at('m'), at('t')]
  return { ...(message === undefined ? {} : { message: seq(message) }), ...(thread === undefined ? {} : { thread: seq(thread) }) }
}

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

function unescape(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
