import type { RoomId, RoomView } from '../../wire/types.gen.ts'
import type { Choice } from '../parts/Choose.tsx'

/** The rooms in which alerts can appear: everyday ones, by name. */
export function everydayRooms(rooms: ReadonlyMap<RoomId, RoomView>): readonly Choice<RoomId>[] {
  return [...rooms.values()]
    .filter(({ room }) => room.kind !== 'direct' && room.priority !== true && room.archived !== true)
    .toSorted((a, b) => a.room.name.localeCompare(b.room.name))
    .map(({ room }) => ({ value: room.id, words: `#${room.name}` }))
}
