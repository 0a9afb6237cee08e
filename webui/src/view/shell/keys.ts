import { useEffect } from 'preact/hooks'
import { bind, inField } from '../../lib/keys.ts'
import type { RoomItem } from '../../state/derived.ts'
import { type Hands, useHands } from '../context.ts'
import { attempt } from '../parts/attempt.ts'
import { useAcknowledge } from './acknowledge.ts'

/** A key may be on its way down when the banner appears: it answers nothing before this many milliseconds. */
const startled = 1000

/** The keys that work everywhere. */
export function useKeys(): void {
  const hands = useHands()
  const acknowledge = useAcknowledge()
  useEffect(() => {
    const { client, desk } = hands
    const { actions, derived } = client
    const free = (): boolean => desk.dialog.value === undefined
    const whenFree = (run: () => void) => () => {
      if (free()) run()
    }
    // Not bound: a dialog that is open must get it.
    const onEscape = (e: KeyboardEvent): void => {
      if (e.key === 'Escape' && !e.defaultPrevented && !inField(e) && free()) leave(hands)
    }
    document.addEventListener('keydown', onEscape)
    const unbind = bind(document, [
      { keys: '$mod+k', inField: true, run: () => (desk.dialog.value?.kind === 'palette' ? desk.close() : desk.open({ kind: 'palette' })) },
      {
        keys: 'a',
        run: whenFree(() => {
          const banner = derived.banner.value
          if (banner?.kind === 'ringing' && Date.now() - banner.since >= startled) {
            attempt(actions, acknowledge(banner.incident))
          }
        }),
      },
      { keys: 'e', run: whenFree(() => escalate(hands)) },
      { keys: 'Alt+ArrowUp', inField: true, run: whenFree(() => step(hands, -1, () => true)) },
      { keys: 'Alt+ArrowDown', inField: true, run: whenFree(() => step(hands, 1, () => true)) },
      { keys: 'Alt+Shift+ArrowUp', inField: true, run: whenFree(() => step(hands, -1, (item) => item.unread > 0)) },
      { keys: 'Alt+Shift+ArrowDown', inField: true, run: whenFree(() => step(hands, 1, (item) => item.unread > 0)) },
      { keys: 'g i', run: whenFree(() => actions.go({ page: 'incidents' })) },
      { keys: 'g o', run: whenFree(() => actions.go({ page: 'oncall' })) },
      { keys: '/', run: whenFree(() => actions.go({ page: 'search', q: '' })) },
      { keys: '?', run: whenFree(() => desk.open({ kind: 'help' })) },
    ])
    return () => {
      document.removeEventListener('keydown', onEscape)
      unbind()
    }
  }, [hands])
}

/** Escalates what rings this person, or what this room is about. */
function escalate({ client, desk }: Hands): void {
  const { derived, store, actions } = client
  const route = store.route.value
  const here = [...store.incidents.value.values()].find(
    (incident) => (route.page === 'room' && incident.room === route.room) || (route.page === 'incident' && incident.id === route.incident),
  )
  const incident = derived.banner.value?.incident ?? here
  if (incident !== undefined && incident.state !== 'resolved') {
    desk.askEscalate(incident.id, incident.title, () => actions.escalate(incident.id))
  }
}

/** Goes to the next room in the order of the rail that fits, round its ends. */
function step({ client }: Hands, by: 1 | -1, fits: (item: RoomItem) => boolean): void {
  const { priority, rooms, direct } = client.derived.roomList.value
  const all = [...priority, ...rooms, ...direct]
  const route = client.store.route.value
  const at = all.findIndex((item) => route.page === 'room' && item.view.room.id === route.room)
  for (let i = 1; i <= all.length; i++) {
    const item = all[(Math.max(at, by > 0 ? -1 : 0) + by * i + all.length * 2) % all.length]
    if (item !== undefined && item.view.room.id !== all[at]?.view.room.id && fits(item)) {
      client.actions.openRoom(item.view.room.id)
      return
    }
  }
}

/** Closes the drawer or the thread; where nothing is open the room counts as read. */
function leave({ client, desk }: Hands): void {
  const { store, actions } = client
  const route = store.route.value
  if (desk.drawer.value) {
    desk.showDrawer(false)
  } else if (route.page === 'room') {
    if (route.thread !== undefined) {
      actions.go({ page: 'room', room: route.room })
      return
    }
    const last = store.room(route.room).value?.room.lastSeq
    if (last !== undefined) actions.seen(route.room, last)
  }
}
