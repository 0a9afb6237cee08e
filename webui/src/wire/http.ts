import { isObject, json, number, text } from '../lib/guard.ts'
import { local } from '../lib/storage.ts'
import type { FaultKind } from './types.gen.ts'

const kinds: { readonly [K in FaultKind]: true } = {
  invalid: true, unsigned: true, denied: true, missing: true, conflict: true, gone: true,
  too_large: true, throttled: true, unavailable: true, internal: true,
}

function isKind(x: string | undefined): x is FaultKind {
  return x !== undefined && Object.hasOwn(kinds, x)
}

/** Why something was refused; the message is words for the user. "offline" says that the server was not reached. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly kind: FaultKind | 'offline'
  readonly field: string | undefined
  readonly suggest: readonly string[]
  readonly request: string | undefined // names the request in the server's log

  constructor(kind: FaultKind | 'offline', message: string, more: { field?: string | undefined; suggest?: readonly string[] | undefined; request?: string | undefined } = {}) {
    super(message)
    this.kind = kind
    this.field = more.field
    this.suggest = more.suggest ?? []
    this.request = more.request
  }
}

/** The words to show for anything that was thrown. */
export function words(err: unknown): string {
  return err instanceof Error ? err.message : 'Something went wrong in this page; reload it.'
}

/** JSON over HTTP. A session that ran out is renewed once, by one request for all tabs, and the call made again. */
export interface Http {
  read<T>(path: string): Promise<T>
  call<T>(method: Method, path: string, body?: object): Promise<T>
  send(method: Method, path: string, body?: object): Promise<void>
  upload<T>(path: string, bytes: Blob): Promise<T>
  text(path: string): Promise<string>
  /** Renews the session; false when there is none. since is when the session was last seen to be too old. */
  renew(since: number): Promise<boolean>
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** When the session was last renewed, and until when its short cookie lives: shared by the tabs. */
export interface Renewal {
  readonly at: number
  readonly expires: number
}

/** The newest renewal that any tab made. */
export function lastRenewal(): Renewal | undefined {
  return local.read('renewed', (x) => {
    const [at, expires] = isObject(x) ? [number(x.at), number(x.expires)] : []
    return at === undefined || expires === undefined ? undefined : { at, expires }
  })
}

/** Notes, for the other tabs too, that a session was made or renewed. */
export function noteRenewal(expires: number | undefined): void {
  const now = Date.now()
  local.write('renewed', { at: now, expires: expires ?? now + 5 * 60_000 } satisfies Renewal)
}

const root = '/api/v1'

/** Http over the browser's fetch. */
export function createHttp(fetch: typeof globalThis.fetch = (input, init) => globalThis.fetch(input, init)): Http {
  const plain = async (method: Method, path: string, body: BodyInit | undefined, type: string | undefined): Promise<Response> => {
    const headers: Record<string, string> = { Accept: 'application/json', 'X-Watchroom': '1' }
    if (type !== undefined) headers['Content-Type'] = type
    try {
      return await fetch(root + path, { method, headers, credentials: 'same-origin', ...(body === undefined ? {} : { body }) })
    } catch {
      throw new ApiError('offline', 'The server cannot be reached. Nothing was changed.')
    }
  }

  let renewing: Promise<boolean> | undefined
  const renew = (since: number): Promise<boolean> => {
    renewing ??= exclusively('watchroom-renew', async () => {
      if ((lastRenewal()?.at ?? 0) > since) return true
      const response = await plain('POST', '/session/refresh', undefined, undefined)
      if (response.status === 401) return false
      if (!response.ok) throw await problem(response)
      const me: unknown = await response.json()
      noteRenewal(isObject(me) ? number(me.accessExpires) : undefined)
      return true
    }).finally(() => {
      renewing = undefined
    })
    return renewing
  }

  const ask = async (method: Method, path: string, body?: BodyInit, type?: string): Promise<Response> => {
    const begun = Date.now()
    let response = await plain(method, path, body, type)
    if (response.status === 401 && !unrenewed.has(path) && (await renew(begun))) {
      response = await plain(method, path, body, type)
    }
    if (!response.ok) throw await problem(response)
    return response
  }
  const askJson = (method: Method, path: string, body?: object) =>
    body === undefined ? ask(method, path) : ask(method, path, JSON.stringify(body), 'application/json')
  const value = async <T>(response: Response): Promise<T> => {
    const answer: T = await response.json()
    return answer
  }
  return {
    renew,
    read: async (path) => value(await askJson('GET', path)),
    call: async (method, path, body) => value(await askJson(method, path, body)),
    send: async (method, path, body) => void (await askJson(method, path, body)),
    upload: async (path, bytes) => value(await ask('POST', path, bytes, bytes.type || 'application/octet-stream')),
    text: async (path) => (await ask('GET', path)).text(),
  }
}

/** Where 401 means that the password is wrong, and not that the session ran out. */
const unrenewed: ReadonlySet<string> = new Set(['/session', '/claim', '/invites/accept', '/invites/peek', '/password/reset', '/acknowledge-link'])

/** Runs fn while no other tab runs one of that name; without locks (plain HTTP) just here. */
function exclusively<T>(name: string, fn: () => Promise<T>): Promise<T> {
  const locks: LockManager | undefined = globalThis.navigator?.locks ?? undefined
  return locks === undefined ? fn() : locks.request(name, fn)
}

/** What an answer that is not ok says went wrong. */
async function problem(response: Response): Promise<ApiError> {
  const body = json(await response.text().catch(() => ''))
  const loose = isObject(body) ? body : {}
  const kind = text(loose.kind)
  const told = text(loose.detail) ?? text(loose.title)
  return new ApiError(isKind(kind) ? kind : kindOf(response.status), told ?? `The server answered ${response.status}.`, {
    field: text(loose.field),
    request: text(loose.request),
  })
}

function kindOf(status: number): FaultKind {
  switch (status) {
    case 401:
      return 'unsigned'
    case 403:
      return 'denied'
    case 404:
      return 'missing'
    case 409:
      return 'conflict'
    case 410:
      return 'gone'
    case 413:
      return 'too_large'
    case 429:
      return 'throttled'
    case 502:
    case 503:
    case 504:
      return 'unavailable'
    default:
      return status < 500 ? 'invalid' : 'internal'
  }
}
