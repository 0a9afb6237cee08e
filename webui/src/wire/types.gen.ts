// Generated from the Go types by `go generate ./server/wire`. Do not edit.

declare const brand: unique symbol;

/** A T that cannot be mistaken for another T. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Alert is one thing that a sender says is wrong, or well again. */
export interface Alert {
  /** the sender's name for this alert, such as a fingerprint; one open key is one row */
  readonly key: string;
  /** the sender's name for what belongs together: one open group is one incident */
  readonly group: string;
  readonly status: Status;
  /** plain text, at most 200 runes; empty on a Note that is only Text, and where the sender gave none with an acknowledge or resolve */
  readonly title: string;
  /** what the whole group is called, when the sender says so; else Title serves */
  readonly groupTitle?: string;
  /** Markdown, at most 16,000 runes */
  readonly text?: string;
  readonly severity: Severity;
  /** in words: "label severity=critical", "low, because there is no severity label" */
  readonly severityWhy: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly links?: readonly Link[];
  readonly fields?: readonly AlertField[];
  /** a room the sender asks for (Slack's channel), without # */
  readonly room?: string;
  /** the sender's own name for itself */
  readonly as?: string;
  /** crit, high, low, info or ok */
  readonly color?: string;
  readonly startsAt: Timestamp;
  /** set on resolved alerts, or when the sender says that it ends by itself */
  readonly endsAt?: Timestamp;
  /** differs when the same key fires anew */
  readonly episode?: string;
  /** how many alerts of this group the sender left out; an absent alert is not a resolved one */
  readonly truncated?: number;
}

/** AlertCard is an info alert or a Slack attachment: title, colour and fields. */
export interface AlertCard {
  readonly title: string;
  readonly link?: string;
  /** crit, high, low, info, ok */
  readonly color?: string;
  readonly text?: string;
  readonly fields?: readonly Field[];
}

/** AlertChanged carries one row of an incident as it is from now on. */
export interface AlertChanged {
  readonly row: Row;
}

/** Field is a name and a value. */
export interface AlertField {
  readonly name: string;
  readonly value: string;
}

/** ArgKind is what an argument holds: a client completes it accordingly. */
export type ArgKind = "person" | "room" | "incident" | "word" | "text" | "duration" | "choice";

/** ArmedState is what a device says of itself; the server adds whose it is. */
export interface ArmedState {
  readonly device: DeviceId;
  /** audio runs and a leader tab holds the lock */
  readonly armed: boolean;
  /** when the owner last confirmed hearing a test tone on this output */
  readonly proven?: Millis;
  readonly phone?: boolean;
  readonly hidden?: boolean;
  /** granted, denied, default */
  readonly notify?: string;
  /** why it cannot ring, in words */
  readonly why?: string;
  readonly agent?: string;
}

/** Card is what a message shows besides its text. Exactly one field is set. */
export interface Card {
  /** the incident's present state, kept current by the client */
  readonly incident?: IncidentId;
  /** what a sender posted that is not an incident */
  readonly alert?: AlertCard;
  /** "@oncall-payments" offers a "Page ana" button */
  readonly page?: PageOffer;
  /** a built-in card of the first hour: "checklist" */
  readonly story?: string;
}

/** CheckChanged carries a check's result when its state changed. */
export interface CheckChanged {
  readonly check: CheckState;
}

/** CheckState is the newest result of one check. */
export interface CheckState {
  readonly name: string;
  readonly tags?: readonly string[];
  /** up, down, unknown */
  readonly state: "up" | "down" | "unknown";
  /** when it came into this state */
  readonly since: Millis;
  readonly message: string;
  /** of the last attempt, in milliseconds */
  readonly latency?: number;
}

/** Closed names the room to forget. */
export interface Closed {
  readonly room: RoomId;
}

/** CommandArg is one argument of a command, in its place. */
export interface CommandArg {
  readonly name: string;
  readonly kind: ArgKind;
  readonly choices?: readonly string[];
  readonly required?: boolean;
  /** takes all that is left */
  readonly many?: boolean;
}

/** CommandHelp is a command as a client completes and explains it. */
export interface CommandHelp {
  /** without the slash */
  readonly name: string;
  readonly usage: string;
  readonly help: string;
  readonly args: readonly CommandArg[];
}

/** CommandRef marks a message that is a command, with the name it was bound to. */
export interface CommandRef {
  readonly name: string;
}

/** Decision is what became of one alert group of a request, in the order in which it was decided. */
export interface Decision {
  readonly title: string;
  readonly status: Status;
  readonly severity: Severity;
  /** how the severity came about */
  readonly why: string;
  /** "rule 2 (team=db)", "default of prometheus" */
  readonly route: string;
  readonly room: RoomId;
  readonly policy?: PolicyId;
  readonly incident?: IncidentId;
  /** in words: "opened #142, ringing ann", "joined #142", "posted", "silenced until …", "paused" */
  readonly outcome: string;
  readonly rings?: readonly PersonId[];
}

/** Detail is all there is to know of an incident. */
export interface Detail {
  readonly incident: Incident;
  readonly rows: readonly Row[];
  readonly timeline: readonly Entry[];
  readonly pages: readonly Page[];
}

/** Device is chosen by a browser and kept in its storage: the tabs of one browser share it. */
export type DeviceId = Brand<string, "DeviceId">;

/** DeviceState is what a browser reports of its ability to ring. */
export interface DeviceState {
  readonly device: DeviceId;
  readonly person: PersonId;
  readonly online: boolean;
  /** audio runs and a leader tab holds the lock */
  readonly armed: boolean;
  /** when the owner last confirmed hearing a test tone on this output */
  readonly proven?: Millis;
  readonly phone?: boolean;
  readonly hidden?: boolean;
  /** granted, denied, default */
  readonly notify?: string;
  /** why it cannot ring, in words */
  readonly why?: string;
  readonly agent?: string;
  readonly seen: Millis;
}

/** Duty is who is on call for one schedule. */
export interface Duty {
  readonly schedule: Schedule;
  readonly now: readonly PersonId[];
  readonly until?: Timestamp;
  readonly next?: readonly PersonId[];
  /** from now, for the time that was asked for */
  readonly shifts: readonly Shift[];
}

/** Entry is one line of an incident's timeline, in words. */
export interface Entry {
  readonly incident: IncidentId;
  /** from 1, without gaps */
  readonly n: number;
  readonly time: Millis;
  readonly actor?: PersonId;
  /** opened, rang, playing, failed, sent, acknowledged, lapsed, resolved, reopened, escalated, silenced, note, … */
  readonly kind: string;
  readonly text: string;
  readonly page?: PageId;
}

/** Kind says what a caller can do about an error. */
export type FaultKind = "invalid" | "unsigned" | "denied" | "missing" | "conflict" | "gone" | "too_large" | "throttled" | "unavailable" | "internal";

/** Field is a name and a value on a card. */
export interface Field {
  readonly name: string;
  readonly value: string;
}

/** File is an uploaded file as a message shows it. */
export interface File {
  readonly id: FileId;
  readonly name: string;
  /** as sniffed from the bytes, never as claimed */
  readonly type: string;
  readonly size: number;
  readonly width?: number;
  readonly height?: number;
}

/** File names an uploaded file. */
export type FileId = Brand<string, "FileId">;

/** HistoryPage is a stretch of messages without gaps. */
export interface HistoryPage {
  /** oldest first */
  readonly messages: readonly Message[];
  /** there are older ones */
  readonly older: boolean;
  readonly newer: boolean;
  /** the page holds every event up to this Seq */
  readonly at: Seq;
}

/** Incident is what people work on. Its alerts are its rows. */
export interface Incident {
  readonly id: IncidentId;
  /** integration and group: an open key joins, else opens */
  readonly key: string;
  readonly title: string;
  readonly severity: Severity;
  readonly state: State;
  /** where it is worked on: its own room when critical, else the routed room */
  readonly room: RoomId;
  /** the everyday room that the routing chose */
  readonly from: RoomId;
  /** the message in From that shows it */
  readonly line?: Seq;
  readonly team?: TeamId;
  readonly policy?: PolicyId;
  readonly integration?: IntegrationId;
  /** in words: which rule sent it where */
  readonly route: string;
  readonly firing: number;
  /** firing and resolved */
  readonly alerts: number;
  /** requests that changed nothing */
  readonly repeats: number;
  /** who acknowledged last */
  readonly owner?: PersonId;
  /** whose armed devices sound now: the client computes its siren from this */
  readonly ringing?: readonly PersonId[];
  /** everybody who was rung in this episode */
  readonly paged?: readonly PersonId[];
  /** a whole round ended and nothing played */
  readonly notDelivered?: boolean;
  /** pages only this person, beside the pager that is still in charge */
  readonly shadow?: PersonId;
  /** a rehearsal: one button cleans it up */
  readonly test?: boolean;
  /** -1: until resolved */
  readonly silencedTill?: Millis;
  readonly opened: Millis;
  readonly acked?: Millis;
  /** when the acknowledgement lapses without activity */
  readonly lapses?: Millis;
  readonly resolved?: Millis;
  /** the sender says resolved while somebody owns it: the owner is asked whether to close */
  readonly senderDone?: boolean;
  readonly reopened?: number;
  /** when the next step rings */
  readonly nextDue?: Millis;
}

/** Changed carries an incident as it is from now on. */
export interface IncidentChanged {
  readonly incident: Incident;
}

/** Incident is the number people say: 142 in #inc-142-checkout. It is never used twice. */
export type IncidentId = Brand<number, "IncidentId">;

/** Noted carries a new line of an incident's timeline. */
export interface IncidentNoted {
  readonly entry: Entry;
}

/** Opened carries a new incident. */
export interface IncidentOpened {
  readonly incident: Incident;
}

/** Integration is a sender's way in. */
export interface Integration {
  readonly id: IntegrationId;
  readonly kind: Kind;
  readonly name: string;
  readonly service?: string;
  readonly team: TeamId;
  /** default room */
  readonly room: RoomId;
  /** default policy */
  readonly policy: PolicyId;
  /** first match overrides the defaults */
  readonly rules?: readonly Rule[];
  readonly shadow?: PersonId;
  /** until then; -1: until resumed. Requests are kept and shown, nobody is paged */
  readonly paused?: Millis;
  /** seconds without a word after which a firing alert ends by itself; 0: never */
  readonly endAfter?: number;
  /** the sender may not choose the room */
  readonly lockRoom?: boolean;
  readonly by: PersonId;
  readonly created: Millis;
  readonly declared?: boolean;
  readonly lastSeen?: Millis;
  /** last four characters of the key */
  readonly hint: string;
}

/** IntegrationChanged carries an integration as it is from now on, or as it was when it was removed. It never holds a key. */
export interface IntegrationChanged {
  readonly integration: Integration;
  readonly deleted?: boolean;
}

/** Integration names a sender's way in. */
export type IntegrationId = Brand<string, "IntegrationId">;

/** IntegrationIn is what somebody says of an integration to make or change it. */
export interface IntegrationIn {
  readonly kind: Kind;
  readonly name: string;
  readonly service?: string;
  readonly team?: TeamId;
  readonly room?: RoomId;
  readonly policy?: PolicyId;
  readonly rules?: readonly Rule[];
  readonly shadow?: PersonId;
  readonly endAfter?: number;
  readonly lockRoom?: boolean;
}

/** Invite is an invitation link without its secret: it works once, until it expires. */
export interface Invite {
  readonly id: InviteId;
  readonly role: Role;
  /** joined on acceptance */
  readonly rooms?: readonly RoomId[];
  readonly by: PersonId;
  readonly created: Millis;
  readonly expires: Millis;
  readonly usedBy?: PersonId;
}

/** Invite names an invitation link (never its secret). */
export type InviteId = Brand<string, "InviteId">;

/** InviteIn describes an invitation. */
export interface InviteIn {
  /** member when empty */
  readonly role?: Role;
  /** joined on acceptance */
  readonly rooms?: readonly RoomId[];
  /** 72 when 0 */
  readonly hours?: number;
}

/** InvitePeek is what an invitation offers to whoever holds it. */
export interface InvitePeek {
  readonly role: Role;
  /** the name of who invited */
  readonly by: string;
  readonly team: string;
  readonly expires: Millis;
}

/** Kind is what a sender speaks. */
export type Kind = "alertmanager" | "pagerduty" | "slack" | "json" | "checks" | "manual";

/** Link is a place to read more: a runbook, a graph, the sender's page. */
export interface Link {
  readonly text: string;
  readonly url: string;
}

/** Mark is how far a person has read a room. It is not in the log. */
export interface Mark {
  readonly room: RoomId;
  /** everything up to here is read */
  readonly seq: Seq;
  /** the ordinal of that message */
  readonly ordinal: number;
}

/**
 * Message is one thing said in a room. Its ID is the Seq of the event that posted it.
 *
 * In that event's body, in the log and in a socket's frame, ID is absent, and Time too unless it differs from the event's:
 * the body is encoded before the committer gives both, so who reads an event takes them from its envelope. Replies and
 * LastReply are not in it either: they are counted from the replies. What this package and the API return has all set.
 * An edit and a deletion rewrite that body.
 */
export interface Message {
  readonly id: Seq;
  readonly room: RoomId;
  readonly author: PersonId;
  /** order in a room is (time, id) */
  readonly time: Millis;
  /** Markdown; "" with Deleted */
  readonly text: string;
  /** the message that this replies to */
  readonly thread?: Seq;
  /** counts the room's messages outside threads from 1 */
  readonly ordinal?: number;
  readonly files?: readonly File[];
  readonly mentions?: readonly PersonId[];
  readonly card?: Card;
  /** Text is a command that was allowed; a runner answers it */
  readonly command?: CommandRef;
  /** chosen by the author; the same nonce never posts twice */
  readonly nonce?: string;
  /** the sender's own name for itself, on webhook posts */
  readonly as?: string;
  readonly edited?: Millis;
  /** a tombstone: text, files and card are gone */
  readonly deleted?: Millis;
  readonly replies?: number;
  readonly lastReply?: Millis;
}

/** Deleted announces that a message is a tombstone from now on. */
export interface MessageDeleted {
  readonly message: Seq;
  readonly room: RoomId;
  readonly thread?: Seq;
  readonly deleted: Millis;
  readonly by: PersonId;
  /** Seq of the newest edit, whose body is superseded from now on */
  readonly replaces?: Seq;
}

/**
 * Edited announces a message's new text. Superseded means that a later edit or deletion took this text away, and that
 * there is nothing to apply: the later event follows.
 */
export interface MessageEdited {
  readonly message: Seq;
  readonly room: RoomId;
  readonly text: string;
  readonly mentions?: readonly PersonId[];
  readonly edited: Millis;
  readonly superseded?: boolean;
  /** Seq of the edit before, whose body is superseded from now on */
  readonly replaces?: Seq;
}

/** Posted announces a message. Its id is the event's seq and its time the event's, unless it says one of its own. */
export interface MessagePosted {
  readonly message: Omit<Message, "id" | "time"> & Partial<Pick<Message, "id" | "time">>;
}

/** Millis is a moment as milliseconds since 1970 in UTC: what the log, the API and the socket speak. */
export type Millis = Brand<number, "Millis">;

/**
 * Override puts somebody on call instead, from From (included) to To (excluded). The newest one that covers a
 * moment counts: the last of the list.
 */
export interface Override {
  readonly id: string;
  readonly person: PersonId;
  readonly from: Timestamp;
  readonly to: Timestamp;
}

/** Page is one attempt to reach one person about one incident by one way. */
export interface Page {
  readonly id: PageId;
  readonly incident: IncidentId;
  readonly person: PersonId;
  readonly way: WayKind;
  /** from 1; 0: outside the policy, such as an administrator after NOT DELIVERED */
  readonly step: number;
  readonly round: number;
  /** outward ways repeat until acknowledged */
  readonly attempt: number;
  readonly state: PageState;
  readonly why?: string;
  readonly device?: DeviceId;
  readonly queued: Millis;
  readonly sent?: Millis;
  readonly played?: Millis;
  readonly ended?: Millis;
}

/** PageChanged carries a page as it is from now on; a new one is queued. */
export interface PageChanged {
  readonly page: Page;
}

/** Page names one attempt to reach one person about one incident by one way. */
export type PageId = Brand<string, "PageId">;

/** PageOffer is a button that pages somebody about a message. */
export interface PageOffer {
  readonly person: PersonId;
  readonly team: TeamId;
}

/** PageState is how far one attempt to reach one person got. */
export type PageState = "queued" | "sent" | "received" | "playing" | "heard" | "acknowledged" | "failed" | "stopped";

/** Person is a human or a bot account, as everybody may see it. */
export interface Person {
  readonly id: PersonId;
  /** what follows the @: [a-z0-9][a-z0-9._-]{0,31}, unique */
  readonly handle: string;
  readonly name: string;
  readonly role: Role;
  readonly bot?: boolean;
  /** of a bot: it never may more than this person */
  readonly owner?: PersonId;
  readonly disabled?: boolean;
  /** IANA time zone */
  readonly zone?: string;
  readonly created: Millis;
}

/** PersonChanged announces a person as it is now. */
export interface PersonChanged {
  readonly person: Person;
}

/** PersonCreated announces a new person or bot. */
export interface PersonCreated {
  readonly person: Person;
}

/** Person names a human or a bot account. */
export type PersonId = Brand<string, "PersonId">;

/** AddIn describes a new person or bot. */
export interface PersonIn {
  readonly handle: string;
  /** the handle when empty */
  readonly name?: string;
  /** member when empty */
  readonly role?: Role;
  readonly bot?: boolean;
  /** without one, the answer holds a link that sets it */
  readonly password?: string;
}

/** Patch changes what is not nil. */
export interface PersonPatch {
  readonly name?: string;
  /** IANA name; "" for the browser's */
  readonly zone?: string;
  readonly role?: Role;
  readonly disabled?: boolean;
}

/** Policy says whom to ring, in which order. After its last step it starts again, for at most 8 h in all. */
export interface Policy {
  readonly id: PolicyId;
  readonly name: string;
  /** at least one */
  readonly steps: readonly Step[];
  readonly declared?: boolean;
}

/** PolicyChanged carries a policy as it is from now on, or as it was when it was deleted. */
export interface PolicyChanged {
  readonly policy: Policy;
  readonly deleted?: boolean;
}

/** Policy names an escalation policy. */
export type PolicyId = Brand<string, "PolicyId">;

/** Readiness is whether a person can be rung now. */
export interface Readiness {
  readonly person: PersonId;
  /** armed (proven), armed_unproven, away (only outward ways), dark (nothing) */
  readonly state: "armed" | "armed_unproven" | "away" | "dark";
  readonly words: string;
  /** for the person and administrators */
  readonly devices?: readonly DeviceState[];
  /** kinds only */
  readonly ways?: readonly string[];
}

/** Request is one request that a sender made, with the decision it led to. The raw body is kept beside it. */
export interface Request {
  readonly id: RequestId;
  readonly integration: IntegrationId;
  readonly time: Millis;
  readonly remote: string;
  readonly size: number;
  readonly replay?: boolean;
  readonly test?: boolean;
  readonly decisions: readonly Decision[];
  /** why it could not be parsed */
  readonly error?: string;
}

/** Request names one request that a sender made. */
export type RequestId = Brand<string, "RequestId">;

/** RequestReceived carries a sender's request with what became of it. */
export interface RequestReceived {
  readonly request: Request;
}

/** Role is what a person may do in the whole server. */
export type Role = "owner" | "admin" | "member" | "guest";

/** Room is a place to talk, as its readers see it. */
export interface Room {
  readonly id: RoomId;
  readonly kind: RoomKind;
  /** without the #; "" for direct rooms */
  readonly name: string;
  readonly topic?: string;
  /** an incident's own room */
  readonly priority?: boolean;
  /** of a priority room */
  readonly incident?: IncidentId;
  /** of a priority room: the everyday room it came from; whoever reads that one may read and join this */
  readonly from?: RoomId;
  readonly team?: TeamId;
  /** only members write */
  readonly locked?: boolean;
  readonly archived?: boolean;
  readonly created: Millis;
  readonly by: PersonId;
  /** ordinal of the newest message outside threads */
  readonly count: number;
  /** Seq of the newest message outside threads */
  readonly lastSeq: Seq;
  /** its time */
  readonly lastTime: Millis;
}

/** RoomChanged announces a room as it is now: its name, topic, locked or archived. */
export interface RoomChanged {
  readonly room: Room;
}

/** RoomCreated announces a new room to those who may find it. */
export interface RoomCreated {
  readonly room: Room;
}

/** Room names a room for ever; its name on the screen may change. */
export type RoomId = Brand<string, "RoomId">;

/** Joined announces a new member. It has everything that the newcomer's client needs to show the room. */
export interface RoomJoined {
  readonly room: Room;
  readonly person: PersonId;
  /** at most 200 */
  readonly members: readonly PersonId[];
  readonly total: number;
}

/** RoomKind says who may find and join a room. */
export type RoomKind = "public" | "private" | "direct";

/** Left announces that a member left, or was removed by somebody else. */
export interface RoomLeft {
  readonly room: RoomId;
  readonly person: PersonId;
  readonly by: PersonId;
}

/** RoomPatch changes what is not nil. */
export interface RoomPatch {
  readonly name?: string;
  readonly topic?: string;
  readonly locked?: boolean;
  readonly archived?: boolean;
}

/** RoomView is a room as one person has it in the list. */
export interface RoomView {
  readonly room: Room;
  /** at most 200, the asker first; Total says how many there are */
  readonly members: readonly PersonId[];
  readonly total: number;
  readonly joined: boolean;
  readonly mark: Mark;
  readonly unread: number;
  /** unread messages that name this person; in a direct room all unread */
  readonly mentions: number;
}

/** Rotation passes the duty round its people: every Length units from Start. */
export interface Rotation {
  readonly name: string;
  /** one person: always on call */
  readonly people: readonly PersonId[];
  /** the first hand-over, nobody before; its wall-clock time in the schedule's zone is the hand-over time. One person may do without */
  readonly start: Timestamp;
  readonly unit: Unit;
  /** units per shift, from 1 */
  readonly length: number;
  /** when set, the rotation counts only inside these */
  readonly only?: readonly Window[];
}

/** Row is one alert of an incident. */
export interface Row {
  readonly incident: IncidentId;
  readonly alert: Alert;
  readonly since: Millis;
  readonly ended?: Millis;
  /** when it ends by itself if the sender stays silent */
  readonly ends?: Millis;
}

/** Rule sends alerts whose labels match somewhere else. */
export interface Rule {
  /** every label equals, or matches when the value is /regexp/ */
  readonly match: Readonly<Record<string, string>>;
  readonly room?: RoomId;
  readonly policy?: PolicyId;
  readonly team?: TeamId;
  readonly severity?: Severity;
}

/** Schedule says who is on call at any moment: the first rotation that has somebody, unless an override covers the moment. */
export interface Schedule {
  readonly id: ScheduleId;
  readonly name: string;
  /** IANA; hand-overs keep their wall-clock time across DST */
  readonly zone: string;
  readonly rotations: readonly Rotation[];
  readonly overrides?: readonly Override[];
  readonly declared?: boolean;
}

/** ScheduleChanged carries a schedule as it is from now on, or as it was when it was deleted. */
export interface ScheduleChanged {
  readonly schedule: Schedule;
  readonly deleted?: boolean;
}

/** Schedule names an on-call schedule. */
export type ScheduleId = Brand<string, "ScheduleId">;

/** SearchHit is a message found, and what in its text to mark, in UTF-16 code units from and to. */
export interface SearchHit {
  readonly message: Message;
  readonly room: RoomId;
  readonly spans: readonly (readonly [number, number])[];
}

/** SearchOut is a page of hits, newest first. */
export interface SearchOut {
  readonly hits: readonly SearchHit[];
  /** there may be older ones: ask again with Before */
  readonly more: boolean;
  /** for the next page */
  readonly before?: Seq;
  /** the index is being rebuilt: messages may be missing */
  readonly partial: boolean;
}

/**
 * Seq numbers the events of the whole server in the order of their commits, without gaps,
 * from 1. It stays below 2^53, so a browser can hold it.
 */
export type Seq = Brand<number, "Seq">;

/** Session is one sign-in on one device, as its owner sees it. */
export interface Session {
  readonly id: SessionId;
  readonly person: PersonId;
  readonly agent: string;
  readonly remote: string;
  readonly created: Millis;
  readonly lastSeen: Millis;
}

/** Session names one sign-in on one device. */
export type SessionId = Brand<string, "SessionId">;

/** Settings are the server's own settings that people change in the client. */
export interface Settings {
  readonly teamName: string;
}

/** SettingsChanged announces the settings as they are now. */
export interface SettingsChanged {
  readonly settings: Settings;
}

/** Severity is how much an alert matters. */
export type Severity = "critical" | "low" | "info";

/** Shift is a stretch of time with the same people on call; without people it is a gap. */
export interface Shift {
  readonly from: Timestamp;
  readonly to: Timestamp;
  readonly people: readonly PersonId[];
  readonly override?: boolean;
}

/** Silence keeps matching alerts from paging. They are still shown. */
export interface Silence {
  readonly id: SilenceId;
  /** labels, as in Rule */
  readonly match?: Readonly<Record<string, string>>;
  /** or one incident */
  readonly incident?: IncidentId;
  /** -1: until resolved */
  readonly until: Millis;
  readonly by: PersonId;
  readonly why?: string;
  readonly created: Millis;
  readonly ended?: Millis;
}

/** SilenceChanged carries a silence as it is from now on. */
export interface SilenceChanged {
  readonly silence: Silence;
}

/** Silence names a silence. */
export type SilenceId = Brand<string, "SilenceId">;

/**
 * Snapshot is all that a client shows before it asks for more. It holds everything up to its At; events may tell
 * some of it again, and applying those changes nothing.
 */
export interface Snapshot {
  readonly at: Seq;
  readonly me: Person;
  readonly settings: Settings;
  readonly people: readonly Person[];
  readonly rooms: readonly RoomView[];
  /** open, or resolved within the last 24 h */
  readonly incidents: readonly Incident[];
  readonly teams: readonly Team[];
  /** of the people on call */
  readonly readiness: readonly Readiness[];
  readonly commands: readonly CommandHelp[];
}

/** State is where an incident stands. */
export type State = "triggered" | "acknowledged" | "resolved";

/** Status is what the sender says of an alert. */
export type Status = "firing" | "acknowledged" | "resolved" | "note";

/** Step rings its targets and waits After seconds for an acknowledgement before the next step. */
export interface Step {
  readonly targets: readonly Target[];
  /** seconds, 1 to 86,400 */
  readonly after: number;
}

/** Target is a schedule (whoever is on call at that moment) or a person. Exactly one is set. */
export interface Target {
  readonly schedule?: ScheduleId;
  readonly person?: PersonId;
}

/** Team is people with a default room, a schedule and a policy. */
export interface Team {
  readonly id: TeamId;
  readonly name: string;
  readonly room: RoomId;
  readonly schedule: ScheduleId;
  readonly policy: PolicyId;
  /** from a file; read-only in the client */
  readonly declared?: boolean;
}

/** TeamChanged carries a team as it is from now on, or as it was when it was deleted. */
export interface TeamChanged {
  readonly team: Team;
  readonly deleted?: boolean;
}

/** Team names a team. */
export type TeamId = Brand<string, "TeamId">;

/** A moment as RFC 3339 writes it. */
export type Timestamp = Brand<string, "Timestamp">;

/** Token is a personal access token or a bot's, without its secret, which is shown once. */
export interface Token {
  readonly id: TokenId;
  readonly person: PersonId;
  readonly name: string;
  readonly created: Millis;
  /** 0: never */
  readonly expires?: Millis;
  readonly lastUsed?: Millis;
}

/** Token names a personal access token (never its secret). */
export type TokenId = Brand<string, "TokenId">;

/** TokenIn describes a new access token. */
export interface TokenIn {
  readonly name: string;
  /** a bot; oneself when empty */
  readonly person?: PersonId;
  /** 0: until revoked */
  readonly days?: number;
}

/** Unit is the length of a turn. */
export type Unit = "hours" | "days" | "weeks";

/** Way is one way to reach a person outside the browser. Ways are private to the person and to administrators. */
export interface Way {
  readonly kind: WayKind;
  /** ntfy: the topic's whole URL; mail: an address */
  readonly address: string;
}

/** WayKind is a kind of way to reach somebody. */
export type WayKind = "browser" | "ntfy" | "mail";

/** Window is a part of the week in the schedule's zone. From > To passes midnight. */
export interface Window {
  /** mon … sun, the day on which it begins; empty: every day */
  readonly days: readonly string[];
  /** "08:00" */
  readonly from: string;
  /** "18:00", at most "24:00"; equal to From means 24 h */
  readonly to: string;
}

/** The body of every event, by its kind. */
export interface EventBodies {
  readonly "person.created": PersonCreated;
  readonly "person.changed": PersonChanged;
  readonly "settings.changed": SettingsChanged;
  readonly "room.created": RoomCreated;
  readonly "room.changed": RoomChanged;
  readonly "room.joined": RoomJoined;
  readonly "room.left": RoomLeft;
  readonly "message.posted": MessagePosted;
  readonly "message.edited": MessageEdited;
  readonly "message.deleted": MessageDeleted;
  readonly "incident.opened": IncidentOpened;
  readonly "incident.changed": IncidentChanged;
  readonly "incident.noted": IncidentNoted;
  readonly "page.changed": PageChanged;
  readonly "alert.changed": AlertChanged;
  readonly "team.changed": TeamChanged;
  readonly "schedule.changed": ScheduleChanged;
  readonly "policy.changed": PolicyChanged;
  readonly "integration.changed": IntegrationChanged;
  readonly "request.received": RequestReceived;
  readonly "silence.changed": SilenceChanged;
  readonly "check.changed": CheckChanged;
}

export type EventKind = keyof EventBodies;

/** One line of the log, of one kind. */
export interface EventOf<K extends EventKind> {
  readonly seq: Seq;
  readonly time: Millis;
  readonly kind: K;
  readonly room?: RoomId;
  readonly actor?: PersonId;
  readonly body: EventBodies[K];
}

/** One line of the log. */
export type Event = { [K in EventKind]: EventOf<K> }[EventKind];

/** Hello is the first frame on every socket. With Epoch set it asks to go on after Since. */
export interface HelloFrame {
  readonly t: "hello";
  readonly device: DeviceId;
  readonly tab: string;
  readonly agent: string;
  readonly since?: Seq;
  readonly epoch?: string;
}

/** Post says something in a room. */
export interface PostFrame {
  readonly t: "post";
  readonly nonce: string;
  readonly room: RoomId;
  readonly thread?: Seq;
  readonly text: string;
  readonly files?: readonly FileId[];
}

/** Edit replaces the text of one's own message. */
export interface EditFrame {
  readonly t: "edit";
  readonly nonce: string;
  readonly message: Seq;
  readonly text: string;
}

/** Delete turns a message into a tombstone. */
export interface DeleteFrame {
  readonly t: "delete";
  readonly nonce: string;
  readonly message: Seq;
}

/** Command is a line that begins with a slash. It is bound and authorised before anything is logged. */
export interface CommandFrame {
  readonly t: "command";
  readonly nonce: string;
  readonly room: RoomId;
  readonly thread?: Seq;
  readonly text: string;
}

/** Mark says that a room is read up to Seq. */
export interface MarkFrame {
  readonly t: "mark";
  readonly room: RoomId;
  readonly seq: Seq;
}

/** Armed reports, on every change, whether this device can ring. */
export interface ArmedFrame {
  readonly t: "armed";
  readonly state: ArmedState;
}

/** Received says that the device knows that an incident rings. */
export interface ReceivedFrame {
  readonly t: "received";
  readonly incident: IncidentId;
}

/** Playing says that the siren sounds: the receipt by which a page counts as delivered. */
export interface PlayingFrame {
  readonly t: "playing";
  readonly incident: IncidentId;
  readonly proven: boolean;
  /** the audio clock */
  readonly time: number;
}

/** Silent says that the siren should sound and does not, and why. */
export interface SilentFrame {
  readonly t: "silent";
  readonly incident: IncidentId;
  readonly why: string;
}

/** Ack acknowledges an incident; Take confirms it for somebody who was not paged. */
export interface AckFrame {
  readonly t: "ack";
  readonly nonce: string;
  readonly incident: IncidentId;
  readonly take?: boolean;
}

/** Unack takes an acknowledgement back within 5 s. */
export interface UnackFrame {
  readonly t: "unack";
  readonly nonce: string;
  readonly incident: IncidentId;
}

/** Pong answers a ping with its At, from the page's own code: a frozen page answers nothing. */
export interface PongFrame {
  readonly t: "pong";
  readonly at: Seq;
  /** what sounds at this moment */
  readonly playing?: readonly IncidentId[];
}

/**
 * Welcome answers the first frame. When Resumed, the events after the client's since follow; else Snapshot is set and
 * the events after its At follow.
 */
export interface WelcomeFrame {
  readonly t: "hello";
  readonly epoch: string;
  /** where the events go on; the resume point from here */
  readonly at: Seq;
  readonly resumed: boolean;
  readonly version: string;
  /** the server's clock */
  readonly time: Millis;
  readonly session?: SessionId;
  readonly me: Person;
  readonly snapshot?: Snapshot;
}

/** OK answers a frame that had a nonce and was done. */
export interface OKFrame {
  readonly t: "ok";
  readonly nonce: string;
  /** of a post or a command that posts */
  readonly message?: Message;
  /** its ID */
  readonly id?: Seq;
}

/** Error answers a frame that was refused. Nothing of it was done. */
export interface ErrorFrame {
  readonly t: "error";
  readonly nonce?: string;
  readonly kind: FaultKind;
  /** in words for the user */
  readonly message: string;
  readonly field?: string;
  /** what may have been meant */
  readonly suggest?: readonly string[];
}

/** Ephemeral is an answer that only the asker sees. It is nowhere afterwards. */
export interface EphemeralFrame {
  readonly t: "ephemeral";
  readonly nonce: string;
  readonly room: RoomId;
  /** Markdown */
  readonly text: string;
}

/** Ping comes every 10 s and wants a pong. Everything that this person is owed up to At was sent before it. */
export interface PingFrame {
  readonly t: "ping";
  readonly at: Seq;
  readonly time: Millis;
}

/** One line of the log, as the socket brings it. */
export type EventFrame = Event & { readonly t: "event" };

/** What is not in the log and does not matter a minute later. */
export type SignalFrame =
  | { readonly t: "signal"; readonly kind: "mark"; readonly body: Mark }
  | { readonly t: "signal"; readonly kind: "readiness"; readonly body: Readiness }
  | { readonly t: "signal"; readonly kind: "closed"; readonly body: Closed };

/** What the client sends. */
export type ClientFrame =
  | HelloFrame
  | PostFrame
  | EditFrame
  | DeleteFrame
  | CommandFrame
  | MarkFrame
  | ArmedFrame
  | ReceivedFrame
  | PlayingFrame
  | SilentFrame
  | AckFrame
  | UnackFrame
  | PongFrame;

/** What the server sends. */
export type ServerFrame =
  | WelcomeFrame
  | OKFrame
  | ErrorFrame
  | EphemeralFrame
  | PingFrame
  | EventFrame
  | SignalFrame;

/** The codes with which the server closes a socket. */
export const closeCodes = { unsigned: 4001, slow: 4008, bad: 4009, many: 4010, drain: 4013 } as const;
