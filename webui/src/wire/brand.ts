// The one place where plain values become branded ones: what comes from an address bar, storage or a form.
import type { DeviceId, FileId, IncidentId, Millis, PageId, PersonId, RoomId, Seq } from './types.gen.ts'

export const seq = (n: number): Seq => n as Seq
export const millis = (n: number): Millis => n as Millis
export const roomId = (s: string): RoomId => s as RoomId
export const personId = (s: string): PersonId => s as PersonId
export const incidentId = (n: number): IncidentId => n as IncidentId
export const deviceId = (s: string): DeviceId => s as DeviceId
export const fileId = (s: string): FileId => s as FileId
export const pageId = (s: string): PageId => s as PageId
