import type { JSX } from 'preact'
import { useCallback, useEffect, useState } from 'preact/hooks'
import type { Route } from '../../state/route.ts'
import { words } from '../../wire/http.ts'
import type { RoomView as View } from '../../wire/types.gen.ts'
import { useHands } from '../context.ts'
import { IncidentDrawer } from './IncidentDrawer.tsx'
import { Failed } from '../parts/Failed.tsx'
import { Skeleton } from '../parts/Skeleton.tsx'
import { Composer } from './Composer.tsx'
import { EmptyRoom } from './EmptyRoom.tsx'
import { Ephemerals } from './Ephemerals.tsx'
import { lastEditable } from './rows.ts'
import { JoinBar } from './JoinBar.tsx'
import { MessageList } from './MessageList.tsx'
import { RoomHeader } from './RoomHeader.tsx'
import { useStopped } from './stopped.ts'
import { ThreadPane } from './ThreadPane.tsx'

type RoomRoute = Extract<Route, { readonly page: 'room' }>

/** RoomView is a room: its messages, the composer, and beside it a thread or the incident that it is about. */
export function RoomView(props: { readonly route: RoomRoute }): JSX.Element {
  const { client } = useHands()
  const { route } = props
  const view = client.store.room(route.room).value
  const missing = view === undefined
  const [wrong, setWrong] = useState<string>()
  const load = (): void => {
    setWrong(undefined)
    client.lists.room(route.room).catch((error: unknown) => setWrong(words(error)))
  }
  useEffect(() => {
    if (missing) load()
  }, [missing, route.room])
  if (view === undefined) {
    return (
      <main class="main">
        <div class="waiting">{wrong === undefined ? <Skeleton label="Loading the room" /> : <Failed what={wrong} onRetry={load} />}</div>
      </main>
    )
  }
  return (
    <>
      <Conversation key={route.room} view={view} route={route} />
      {route.thread !== undefined ? (
        <ThreadPane key={route.thread} room={route.room} root={route.thread} jump={route.message} />
      ) : (
        view.room.incident !== undefined && <IncidentDrawer incident={view.room.incident} />
      )}
    </>
  )
}

function Conversation(props: { readonly view: View; readonly route: RoomRoute }): JSX.Element {
  const { client, desk } = useHands()
  const { store, derived, histories, actions } = client
  const { view, route } = props
  const { room } = view
  const title = derived.roomTitle(view)
  const history = store.history(room.id).value
  const { lines, pending } = derived.lines(room.id).value
  const incident = room.incident === undefined ? undefined : store.incident(room.incident).value
  const status = histories.status(room.id).value
  const seen = useStopped(view)
  const stale = history?.stale === true
  const jump = route.thread === undefined ? route.message : undefined
  useEffect(() => {
    void histories.show(room.id, jump)
  }, [room.id, jump, stale])
  const me = store.me.value?.id
  const editLast = useCallback(() => desk.edit(lastEditable(derived.lines(room.id).peek().lines, me)), [room.id, me])
  return (
    <main class="main">
      <RoomHeader view={view} title={title} incident={incident} />
      {history === undefined ? (
        <div class="waiting">{typeof status === 'object' ? <Failed what={status.error} onRetry={() => void histories.show(room.id, jump)} /> : <Skeleton rows={8} />}</div>
      ) : (
        <MessageList
          label={`Messages in ${title}`}
          lines={lines}
          pending={pending}
          older={history.older}
          newer={history.newer}
          onOlder={() => histories.older(room.id)}
          onNewer={() => histories.newer(room.id)}
          onLatest={() => histories.latest(room.id)}
          onSeen={(seq) => actions.seen(room.id, seq)}
          jump={jump}
          seen={seen}
        >
          <EmptyRoom view={view} title={title} bare={lines.length === 0} />
        </MessageList>
      )}
      <Ephemerals room={room.id} />
      {room.archived === true ? (
        <div class="joinbar hint">This room is archived: it can be read and searched.</div>
      ) : view.joined ? (
        <Composer room={room.id} title={title} onEditLast={editLast} />
      ) : (
        <JoinBar room={room.id} title={title} />
      )}
    </main>
  )
}
