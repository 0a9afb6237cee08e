import type { JSX } from 'preact'
import { format, type Route } from '../../state/route.ts'
import { useBell, useClient } from '../context.ts'
import { Icon, type IconName } from '../parts/Icon.tsx'

/** Tabs are the four places of the phone, within reach of the thumb. */
export function Tabs(): JSX.Element {
  const { store, derived } = useClient()
  const bell = useBell()
  const page = store.route.value.page
  const { unread, mentions } = derived.unread.value
  const deaf = bell.badge.value.kind === 'off' || bell.badge.value.kind === 'blocked'
  return (
    <nav class="tabs" aria-label="Places">
      <Tab icon="flag" to={{ page: 'incidents' }} words="Incidents" current={page === 'incidents' || page === 'incident'} badge={derived.openIncidents.value.length} />
      <Tab icon="hash" to={{ page: 'home' }} words="Rooms" current={page === 'home' || page === 'room'} badge={mentions > 0 ? mentions : unread} loud={mentions > 0} />
      <Tab icon="clock" to={{ page: 'oncall' }} words="On-call" current={page === 'oncall'} />
      <Tab icon="person" to={{ page: 'settings' }} words="Me" current={page === 'settings'} warn={deaf ? 'Sound off' : undefined} />
    </nav>
  )
}

function Tab(props: {
  readonly icon: IconName
  readonly to: Route
  readonly words: string
  readonly current: boolean
  readonly badge?: number
  readonly loud?: boolean
  readonly warn?: string | undefined
}): JSX.Element {
  return (
    <a href={format(props.to)} aria-current={props.current ? 'page' : undefined}>
      <Icon name={props.icon} size={20} />
      {props.words}
      {props.badge !== undefined && props.badge > 0 && <span class={`badge ${props.loud === true ? 'mention' : ''}`}>{props.badge}</span>}
      {props.warn !== undefined && (
        <span class="badge warn" title={props.warn}>
          <Icon name="bellOff" size={10} label={props.warn} />
        </span>
      )}
    </a>
  )
}
