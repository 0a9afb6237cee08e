import type { JSX } from 'preact'
import type { RoomItem } from '../../state/derived.ts'
import { format } from '../../state/route.ts'
import type { Incident } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { Avatar } from '../parts/Avatar.tsx'
import { Icon } from '../parts/Icon.tsx'
import { SeverityIcon, type Tone } from '../parts/Severity.tsx'

/** What an incident looks like in a list: well again once it is resolved. */
export function incidentTone(incident: Incident): Tone {
  return incident.state === 'resolved' ? 'ok' : incident.severity
}

/** RailRoom is one room of the rail: what kind it is, its name, and how much of it is unread. */
export function RailRoom(props: { readonly item: RoomItem }): JSX.Element {
  const { store } = useClient()
  const { view, title, incident, unread, mentions } = props.item
  const route = store.route.value
  const current = route.page === 'room' && route.room === view.room.id
  const burning = incident !== undefined && incident.state === 'triggered' && incident.severity === 'critical'
  const classes = ['row', unread > 0 ? 'unread' : '', burning ? 'burning' : ''].join(' ')
  return (
    <li>
      <a class={classes} href={format({ page: 'room', room: view.room.id })} aria-current={current ? 'page' : undefined} title={view.room.topic || undefined}>
        <RoomMark item={props.item} burning={burning} />
        <span class="name">{view.room.kind === 'direct' ? title : view.room.name}</span>
        {unread > 0 && (
          <span class={`badge ${mentions > 0 ? 'mention' : ''}`}>
            {mentions > 0 ? mentions : unread}
            <span class="sr">{mentions > 0 ? ' unread, naming you' : ' unread'}</span>
          </span>
        )}
      </a>
    </li>
  )
}

function RoomMark(props: { readonly item: RoomItem; readonly burning: boolean }): JSX.Element {
  const { view, title, incident, people } = props.item
  if (incident !== undefined || view.room.priority === true) {
    return <SeverityIcon tone={incident === undefined ? 'ok' : incidentTone(incident)} pulse={props.burning} />
  }
  if (view.room.kind === 'direct') {
    const first = people[0]
    return people.length > 1 ? <Icon name="people" /> : <Avatar small id={first?.id ?? view.room.id} name={first?.name ?? title} />
  }
  return <Icon name={view.room.kind === 'private' ? 'lock' : 'hash'} size={14} />
}
