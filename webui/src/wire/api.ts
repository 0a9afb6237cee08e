import type { Http } from './http.ts'
import type {
  Added, CommandOut, Credentials, Duration, HistoryPage, IncidentDetail, IncidentQuery, IntegrationInput, InviteInput, InvitePeek, Joining,
  Keyed, MadeInvite, MadeToken, Me, OneTimeLink, PersonInput, PersonPatch, Place, PostInput, RaiseInput, RoomInput, RoomPatch, SearchOut,
  Told, TokenInput,
} from './rest.ts'
import type {
  CheckState, CommandHelp, Duty, File, FileId, Incident, IncidentId, Integration, IntegrationId, Invite, InviteId, Override, Person,
  PersonId, Policy, PolicyId, Readiness, Request, RequestId, Room, RoomId, RoomView, Schedule, ScheduleId, Seq, Session, SessionId, Settings,
  Severity, Silence, SilenceId, Team, TeamId, Token, TokenId, Way,
} from './types.gen.ts'

/** Every endpoint of the server as a typed function. Each rejects with ApiError. */
export type Api = ReturnType<typeof createApi>

/** Where the bytes of a file are: to show in place when it is a picture, else to download. */
export function fileUrl(file: FileId): string {
  return '/api/v1/files/' + encodeURIComponent(file)
}

/** The endpoints over http. */
export function createApi(http: Http) {
  return {
    renew: http.renew,
    me: () => http.read<Me>('/me'),
    session: sessionApi(http),
    self: selfApi(http),
    tokens: {
      list: () => http.read<readonly Token[]>('/tokens'),
      create: (input: TokenInput) => http.call<MadeToken>('POST', '/tokens', input),
      revoke: (id: TokenId) => http.send('DELETE', path`/tokens/${id}`),
    },
    people: peopleApi(http),
    invites: {
      list: () => http.read<readonly Invite[]>('/invites'),
      create: (input: InviteInput) => http.call<MadeInvite>('POST', '/invites', input),
      revoke: (id: InviteId) => http.send('DELETE', path`/invites/${id}`),
      peek: (secret: string) => http.call<InvitePeek>('POST', '/invites/peek', { secret }),
      accept: (input: Joining) => http.call<Me>('POST', '/invites/accept', input),
    },
    settings: {
      read: () => http.read<Settings>('/settings'),
      patch: (input: Settings) => http.call<Settings>('PATCH', '/settings', input),
    },
    rooms: roomsApi(http),
    messages: messagesApi(http),
    search: (q: string, more: { readonly before?: Seq; readonly limit?: number } = {}) => http.read<SearchOut>('/search' + query({ q, ...more })),
    commands: (room: RoomId) => http.read<readonly CommandHelp[]>('/commands' + query({ room })),
    incidents: incidentsApi(http),
    oncall: oncallApi(http),
    integrations: integrationsApi(http),
    silences: {
      list: () => http.read<readonly Silence[]>('/silences'),
      create: (input: { readonly match: Readonly<Record<string, string>>; readonly why?: string } & Duration) => http.call<Silence>('POST', '/silences', input),
      end: (id: SilenceId) => http.send('DELETE', path`/silences/${id}`),
    },
    checks: () => http.read<readonly CheckState[]>('/checks'),
    version: () => http.read<{ readonly version: string }>('/version'),
  }
}

function sessionApi(http: Http) {
  return {
    signIn: (input: Credentials) => http.call<Me>('POST', '/session', input),
    signOut: () => http.send('DELETE', '/session'),
    claim: (input: Joining) => http.call<Me>('POST', '/claim', input),
    reset: (secret: string, password: string) => http.send('POST', '/password/reset', { secret, password }),
  }
}

function selfApi(http: Http) {
  return {
    patch: (input: { readonly name?: string; readonly zone?: string }) => http.call<Person>('PATCH', '/me', input),
    password: (old: string, fresh: string) => http.send('POST', '/me/password', { old, new: fresh }),
    ways: () => http.read<readonly Way[]>('/me/ways'),
    setWays: (ways: readonly Way[]) => http.call<readonly Way[]>('PUT', '/me/ways', ways),
    testWay: (index: number) => http.send('POST', '/me/ways/test', { index }),
    sessions: () => http.read<readonly Session[]>('/sessions'),
    revokeSession: (id: SessionId) => http.send('DELETE', path`/sessions/${id}`),
  }
}

function peopleApi(http: Http) {
  return {
    list: () => http.read<readonly Person[]>('/people'),
    add: (input: PersonInput) => http.call<Added>('POST', '/people', input),
    patch: (id: PersonId, input: PersonPatch) => http.call<Person>('PATCH', path`/people/${id}`, input),
    reset: (id: PersonId) => http.call<OneTimeLink>('POST', path`/people/${id}/reset`),
    ways: (id: PersonId) => http.read<readonly Way[]>(path`/people/${id}/ways`),
  }
}

function roomsApi(http: Http) {
  return {
    list: () => http.read<readonly RoomView[]>('/rooms'),
    directory: (q: string) => http.read<readonly RoomView[]>('/rooms/directory' + query({ q })),
    create: (input: RoomInput) => http.call<Room>('POST', '/rooms', input),
    direct: (people: readonly PersonId[]) => http.call<Room>('POST', '/direct', { people }),
    read: (room: RoomId) => http.read<RoomView>(path`/rooms/${room}`),
    patch: (room: RoomId, input: RoomPatch) => http.call<Room>('PATCH', path`/rooms/${room}`, input),
    join: (room: RoomId) => http.send('POST', path`/rooms/${room}/join`),
    leave: (room: RoomId) => http.send('POST', path`/rooms/${room}/leave`),
    add: (room: RoomId, people: readonly PersonId[]) => http.send('POST', path`/rooms/${room}/members`, { people }),
    remove: (room: RoomId, person: PersonId) => http.send('DELETE', path`/rooms/${room}/members/${person}`),
    mark: (room: RoomId, seq: Seq) => http.send('PUT', path`/rooms/${room}/mark`, { seq }),
    upload: (room: RoomId, bytes: Blob, name: string) => http.upload<File>(path`/rooms/${room}/files` + query({ name }), bytes),
    history: (room: RoomId, place: Place = {}) => http.read<HistoryPage>(path`/rooms/${room}/messages` + query(place)),
    post: (room: RoomId, input: PostInput) => http.call<Told>('POST', path`/rooms/${room}/messages`, input),
    command: (room: RoomId, input: PostInput) => http.call<CommandOut>('POST', path`/rooms/${room}/commands`, input),
  }
}

function messagesApi(http: Http) {
  return {
    read: (id: Seq) => http.read<Told>(path`/messages/${id}`),
    edit: (id: Seq, text: string) => http.call<Told>('PATCH', path`/messages/${id}`, { text }),
    remove: (id: Seq) => http.send('DELETE', path`/messages/${id}`),
    thread: (id: Seq, place: Place = {}) => http.read<HistoryPage>(path`/messages/${id}/thread` + query(place)),
  }
}

function incidentsApi(http: Http) {
  const act = (n: IncidentId, verb: string, body?: object) => http.call<Incident>('POST', path`/incidents/${n}/` + verb, body)
  return {
    list: (input: IncidentQuery = {}) => http.read<readonly Incident[]>('/incidents' + query(input)),
    read: (n: IncidentId) => http.read<IncidentDetail>(path`/incidents/${n}`),
    raise: (input: RaiseInput) => http.call<Incident>('POST', '/incidents', input),
    acknowledge: (n: IncidentId, take = false) => act(n, 'acknowledge', { take }),
    unacknowledge: (n: IncidentId) => act(n, 'unacknowledge'),
    resolve: (n: IncidentId) => act(n, 'resolve'),
    escalate: (n: IncidentId) => act(n, 'escalate'),
    note: (n: IncidentId, text: string) => http.send('POST', path`/incidents/${n}/note`, { text }),
    silence: (n: IncidentId, length: Duration) => act(n, 'silence', length),
    cleanup: () => http.call<{ readonly cleaned: number }>('POST', '/incidents/cleanup'),
    pageMe: () => http.call<Incident>('POST', '/page-me'),
    ackByLink: (secret: string) => http.call<Incident>('POST', '/acknowledge-link', { secret }),
  }
}

/** The four ways to keep a list of T, which has IDs of type I. */
function kept<T extends object, I extends string>(http: Http, root: string) {
  return {
    list: () => http.read<readonly T[]>(root),
    create: (input: Omit<T, 'id'>) => http.call<T>('POST', root, { id: '', ...input }),
    replace: (id: I, input: T) => http.call<T>('PUT', root + path`/${id}`, input),
    remove: (id: I) => http.send('DELETE', root + path`/${id}`),
  }
}

function oncallApi(http: Http) {
  return {
    duties: (days?: number) => http.read<readonly Duty[]>('/oncall' + query({ days })),
    readiness: (people: readonly PersonId[] = []) => http.read<readonly Readiness[]>('/readiness' + query({ people: people.join(',') })),
    teams: kept<Team, TeamId>(http, '/teams'),
    schedules: kept<Schedule, ScheduleId>(http, '/schedules'),
    policies: kept<Policy, PolicyId>(http, '/policies'),
    addOverride: (id: ScheduleId, input: Omit<Override, 'id'>) => http.call<Schedule>('POST', path`/schedules/${id}/overrides`, { id: '', ...input }),
    removeOverride: (id: ScheduleId, override: string) => http.call<Schedule>('DELETE', path`/schedules/${id}/overrides/${override}`),
    apply: (files: readonly string[]) => http.call<{ readonly changes: readonly string[] }>('POST', '/apply', { files }),
  }
}

function integrationsApi(http: Http) {
  return {
    list: () => http.read<readonly Integration[]>('/integrations'),
    create: (input: IntegrationInput) => http.call<Keyed>('POST', '/integrations', input),
    patch: (id: IntegrationId, input: IntegrationInput) => http.call<Integration>('PATCH', path`/integrations/${id}`, input),
    remove: (id: IntegrationId) => http.send('DELETE', path`/integrations/${id}`),
    rotate: (id: IntegrationId) => http.call<Keyed>('POST', path`/integrations/${id}/rotate`),
    pause: (id: IntegrationId, input: { readonly minutes?: number; readonly resume?: boolean }) => http.call<Integration>('POST', path`/integrations/${id}/pause`, input),
    test: (id: IntegrationId, severity: Severity) => http.call<Request>('POST', path`/integrations/${id}/test`, { severity }),
    requests: (id: IntegrationId, limit?: number) => http.read<readonly Request[]>(path`/integrations/${id}/requests` + query({ limit })),
    rawBody: (id: RequestId) => http.text(path`/requests/${id}/body`),
    replay: (id: RequestId) => http.call<Request>('POST', path`/requests/${id}/replay`),
  }
}

/** Writes a path with its parts escaped. */
function path(parts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return parts.reduce((out, part, i) => out + encodeURIComponent(String(values[i - 1] ?? '')) + part)
}

/** Writes a query of what is given; nothing at all when nothing is. */
function query(values: object): string {
  const given = new URLSearchParams()
  for (const [key, value] of Object.entries(values)) {
    if (typeof value === 'number' || (typeof value === 'string' && value !== '')) given.set(key, String(value))
  }
  return given.size === 0 ? '' : '?' + given.toString()
}
