import type { JSX } from 'preact'
import { format } from '../../state/route.ts'
import type { Incident, RoomView } from '../../wire/types.gen.ts'
import { useHands } from '../context.ts'
import { Icon } from '../parts/Icon.tsx'
import { IconButton } from '../parts/IconButton.tsx'
import { narrow, phone } from '../parts/media.ts'
import { SeverityIcon } from '../parts/Severity.tsx'
import { incidentTone } from '../shell/RailRoom.tsx'

/** RoomHeader names the room and leads to its people, its incident and its settings. */
export function RoomHeader(props: { readonly view: RoomView; readonly title: string; readonly incident: Incident | undefined }): JSX.Element {
  const { client, desk } = useHands()
  const { view, title, incident } = props
  const { room } = view
  return (
    <header class="head">
      {phone.value && (
        <a class="btn quiet back" href={format({ page: 'home' })} aria-label="All rooms" title="All rooms">
          <Icon name="back" />
        </a>
      )}
      {incident !== undefined && <SeverityIcon tone={incidentTone(incident)} />}
      <h1 class="title" title={title}>
        {title}
      </h1>
      <span class="topic" title={room.topic}>
        {room.archived === true ? 'archived' : room.topic}
      </span>
      {incident !== undefined && narrow.value && (
        <button class="btn quiet" type="button" aria-expanded={desk.drawer.value} onClick={() => desk.showDrawer(!desk.drawer.value)}>
          Incident {incident.id}
        </button>
      )}
      {room.kind !== 'direct' && (
        <>
          <button class="btn quiet" type="button" title="Members" aria-label={`${view.total} members`} onClick={() => desk.open({ kind: 'members', room: room.id })}>
            <Icon name="people" />
            <span class="num">{view.total}</span>
          </button>
          {client.store.me.value?.role !== 'guest' && <IconButton icon="more" label="Room settings" onClick={() => desk.open({ kind: 'roomSettings', room: room.id })} />}
        </>
      )}
    </header>
  )
}
