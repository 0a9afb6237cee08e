import { beforeEach, expect, test } from 'vitest'
import { createApi, fileUrl } from './api.ts'
import { fileId, roomId, seq } from './brand.ts'
import { ApiError, createHttp } from './http.ts'

interface Asked {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly body: string
}

/** A server made of answers; it notes what it was asked. */
function server(answer: (asked: Asked) => Response) {
  const log: Asked[] = []
  const http = createHttp((input, init) => {
    const asked = { method: init?.method ?? 'GET', url: String(input), headers: new Headers(init?.headers), body: typeof init?.body === 'string' ? init.body : '' }
    log.push(asked)
    return Promise.resolve(answer(asked))
  })
  return { log, http, api: createApi(http) }
}

const problem = (status: number, body: object) => new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/problem+json' } })

beforeEach(() => localStorage.clear())

// Every call carries the header that tells it from a forged one, and its parts are escaped.
test('calls', async () => {
  const { log, api } = server(() => Response.json({ messages: [] }))
  await api.rooms.history(roomId('~a/b'), { before: seq(7), limit: 10 })
  expect(log[0]).toMatchObject({ method: 'GET', url: '/api/v1/rooms/~a%2Fb/messages?before=7&limit=10' })
  expect(log[0]?.headers.get('X-Watchroom')).toBe('1')
  await api.rooms.post(roomId('r'), { text: 'x' })
  expect(log[1]).toMatchObject({ method: 'POST', body: '{"text":"x"}' })
  expect(fileUrl(fileId('f?1'))).toBe('/api/v1/files/f%3F1')
})

// What the server refuses is told in its words, with the field that is wrong.
test('problems', async () => {
  const { api } = server(({ url }) => (url.endsWith('/settings') ? new Response('<html>', { status: 502 }) : problem(422, { kind: 'invalid', detail: 'name: is taken', field: 'name' })))
  await expect(api.rooms.create({ kind: 'public', name: 'x' })).rejects.toMatchObject({ kind: 'invalid', message: 'name: is taken', field: 'name' })
  await expect(api.settings.read()).rejects.toMatchObject({ kind: 'unavailable' })
})

// A server that cannot be reached is an error like any other.
test('offline', async () => {
  const api = createApi(createHttp(() => Promise.reject(new TypeError('Failed to fetch'))))
  await expect(api.me()).rejects.toBeInstanceOf(ApiError)
  await expect(api.me()).rejects.toMatchObject({ kind: 'offline' })
})

// A session that ran out is renewed once for all calls that found it so, and they are made again.
test('renewal', async () => {
  let good = false
  const { log, api } = server(({ url }) => {
    if (url.endsWith('/session/refresh')) {
      good = true
      return Response.json({ accessExpires: Date.now() + 600_000 })
    }
    return good ? Response.json([]) : problem(401, { kind: 'unsigned', detail: 'sign in first' })
  })
  await Promise.all([api.people.list(), api.rooms.list(), api.silences.list()])
  expect(log.filter((a) => a.url.endsWith('/session/refresh')).length).toBe(1)
  expect(log.length).toBe(7)
})

// When there is nothing to renew, the first refusal stands; a wrong password is never renewed.
test('no session', async () => {
  const { log, api } = server(() => problem(401, { kind: 'unsigned', detail: 'sign in first' }))
  await expect(api.me()).rejects.toMatchObject({ kind: 'unsigned', message: 'sign in first' })
  expect(log.map((a) => a.url)).toEqual(['/api/v1/me', '/api/v1/session/refresh'])
  await expect(api.session.signIn({ handle: 'a', password: 'b' })).rejects.toMatchObject({ kind: 'unsigned' })
  expect(log.length).toBe(3)
})
