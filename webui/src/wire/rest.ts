// The shapes of REST answers and bodies that no event or frame mentions.
import type {
  DeviceId, Entry, Incident, IncidentId, Integration, Invite, Kind, Message, Millis, Page, Person, PersonId, PolicyId, Role, RoomId,
  RoomKind, Row, Rule, Seq, SessionId, Severity, TeamId, Token,
} from './types.gen.ts'

/** Who is signed in. accessExpires is set on answers that renew the session. */
export interface Me {
  readonly person: Person
  readonly session?: SessionId
  readonly accessExpires?: Millis
}

/** Who signs in, and from which device. */
export interface Credentials {
  readonly handle: string
  readonly password: string
  readonly device?: DeviceId
}

/** A new account by a one-time link. */
export interface Joining extends Credentials {
  readonly secret: string
  readonly name: string
  readonly team?: string // only the first owner names it
}

export interface InvitePeek {
  readonly role: Role
  readonly by: string // the name of who invited
  readonly team: string
  readonly expires: Millis
}

export interface InviteInput {
  readonly role?: Role // member when left out
  readonly rooms?: readonly RoomId[]
  readonly hours?: number
}

export interface PersonInput {
  readonly handle: string
  readonly name?: string // the handle when left out
  readonly role?: Role // member when left out
  readonly bot?: boolean
  readonly password?: string
}

export interface PersonPatch {
  readonly name?: string
  readonly zone?: string
  readonly role?: Role
  readonly disabled?: boolean
}

/** A person who was added; url sets the password, where none was given. */
export interface Added {
  readonly person: Person
  readonly url?: string
}

/** A secret link that works once. */
export interface OneTimeLink {
  readonly url: string
}

export interface MadeInvite extends OneTimeLink {
  readonly invite: Invite
}

export interface TokenInput {
  readonly name: string
  readonly person?: PersonId
  readonly days?: number
}

/** A new token; its secret is shown this once. */
export interface MadeToken {
  readonly token: Token
  readonly secret: string
}

export interface RoomInput {
  readonly kind: Exclude<RoomKind, 'direct'>
  readonly name: string
  readonly topic?: string
  readonly people?: readonly PersonId[]
}

export interface RoomPatch {
  readonly name?: string
  readonly topic?: string
  readonly locked?: boolean
  readonly archived?: boolean
}

/** A message as the API tells it: with what stands in the envelope of its event. */
export interface Told extends Message {
  readonly id: Seq
  readonly time: Millis
}

/** Which part of a history: at most one of the three places; without one it is the newest part. */
export interface Place {
  readonly before?: Seq
  readonly after?: Seq
  readonly around?: Seq
  readonly limit?: number
}

/** A part of a history, oldest first, as it was at the Seq At. */
export interface HistoryPage {
  readonly messages: readonly Told[]
  readonly older: boolean
  readonly newer: boolean
  readonly at: Seq
}

export interface PostInput {
  readonly text: string
  readonly thread?: Seq
  readonly files?: readonly string[]
  readonly nonce?: string
}

/** What became of a command: an answer for its asker alone, or a message. */
export interface CommandOut {
  readonly text?: string
  readonly message?: Told
}

/** A message that was found, with what to highlight as UTF-16 offsets into its text. */
export interface SearchHit {
  readonly message: Told
  readonly room: RoomId
  readonly spans: readonly (readonly [number, number])[]
}

export interface SearchOut {
  readonly hits: readonly SearchHit[]
  readonly more: boolean
  readonly partial: boolean // the index is still being built
}

export interface IncidentDetail {
  readonly incident: Incident
  readonly rows: readonly Row[]
  readonly timeline: readonly Entry[]
  readonly pages: readonly Page[]
}

export interface RaiseInput {
  readonly title: string
  readonly text?: string
  readonly severity: Exclude<Severity, 'info'>
  readonly team?: TeamId
  readonly person?: PersonId
  readonly room?: RoomId
  readonly test?: boolean
}

export interface IncidentQuery {
  readonly state?: 'open' | 'resolved'
  readonly before?: IncidentId
  readonly limit?: number
}

/** A length of time from now. */
export type Duration = { readonly minutes: number } | { readonly untilResolved: true }

export interface IntegrationInput {
  readonly kind: Kind
  readonly name: string
  readonly service?: string
  readonly team?: TeamId
  readonly room?: RoomId
  readonly policy?: PolicyId
  readonly rules?: readonly Rule[]
  readonly shadow?: PersonId
  readonly endAfter?: number
  readonly lockRoom?: boolean
}

/** An integration with its key and the address to paste into the sender: both are shown this once. */
export interface Keyed {
  readonly integration: Integration
  readonly key: string
  readonly url: string
}
