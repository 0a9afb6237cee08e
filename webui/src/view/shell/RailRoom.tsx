import type { JSX } from 'preact'
import type { RoomItem } from '../../state/derived.ts'
import { format } from '../../state/route.ts'
import type { Incident, RoomId, RoomKind } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { Avatar } from '../parts/Avatar.tsx'
import { Icon } from '../parts/Icon.tsx'
import { SeverityIcon, type Tone } from '../parts/Severity.tsx'

/** What an incident looks like in a list: well again once it is resolved. */
export function incidentTone(incident: Incident): Tone {
  return incident.state === 'resolved' ? 'ok' : incident.severity
}

/** What of a room the rail shows. These are plain values, so that a message redraws one room and not all. */
interface Shown {
  readonly id: RoomId
  readonly kind: RoomKind
  readonly name: string
  readonly topic: string | undefined
  readonly priority: boolean
  readonly incident: Incident | undefined
  readonly unread: number
  readonly mentions: number
  /** of a conversation with one person: whose picture it bears */
  readonly person: string | undefined
}

/** shown picks from an item what the rail shows of it. */
export function shown({ view, title, incident, unread, mentions, people }: RoomItem): Shown {
  const { id, kind, name, topic, priority } = view.room
  const person = people.length === 1 ? people[0]?.id : undefined
  return { id, kind, name: kind === 'direct' ? title : name, topic, priority: priority === true, incident, unread, mentions, person }
}

/** RailRoom is one room of the rail: what kind it is, its name, and how much of it is unread. */
export function RailRoom(props: Shown): JSX.Element {
  const { store } = useClient()
  const { id, name, topic, incident, unread, mentions } = props
  const route = store.route.value
  const current = route.page === 'room' && route.room === id
  const burning = incident !== undefined && incident.state === 'triggered' && incident.severity === 'critical'
  const classes = ['row', unread > 0 ? 'unread' : '', burning ? 'burning' : ''].join(' ')
  return (
    <li>
      <a class={classes} href={format({ page: 'room', room: id })} aria-current={current ? 'page' : undefined} title={topic || undefined}>
        <RoomMark {...props} burning={burning} />
        <span class="name">{name}</span>
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

function RoomMark(props: Shown & { readonly burning: boolean }): JSX.Element {
  const { kind, name, priority, incident, person } = props
  if (incident !== undefined || priority) {
    return <SeverityIcon tone={incident === undefined ? 'ok' : incidentTone(incident)} pulse={props.burning} />
  }
  if (kind === 'direct') {
    return person === undefined ? <Icon name="people" /> : <Avatar small id={person} name={name} />
  }
  return <Icon name={kind === 'private' ? 'lock' : 'hash'} size={14} />
}
