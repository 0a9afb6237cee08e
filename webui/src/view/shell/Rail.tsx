import type { JSX } from 'preact'
import { format, type Route } from '../../state/route.ts'
import { useClient, useDesk } from '../context.ts'
import { Icon, type IconName } from '../parts/Icon.tsx'
import { IconButton } from '../parts/IconButton.tsx'
import { phone } from '../parts/media.ts'
import { ArmChip } from './ArmChip.tsx'
import { RailRoom, shown } from './RailRoom.tsx'

/** Rail is the list of rooms: what burns first, then rooms, then direct conversations, then the pages. */
export function Rail(): JSX.Element {
  const { store, derived } = useClient()
  const desk = useDesk()
  const { priority, rooms, direct } = derived.roomList.value
  return (
    <nav class="rail" aria-label="Rooms">
      <div class="head">
        <span class="name">{store.settings.value.teamName || 'Watchroom'}</span>
        <IconButton icon="search" label="Go to… (Ctrl+K)" onClick={() => desk.open({ kind: 'palette' })} />
      </div>
      <ArmChip />
      <div class="scroll">
        {priority.length > 0 && (
          <Section title="Incidents">
            {priority.map((item) => (
              <RailRoom key={item.view.room.id} {...shown(item)} />
            ))}
          </Section>
        )}
        <Section
          title="Rooms"
          action={
            <>
              <IconButton icon="more" label="All rooms" onClick={() => desk.open({ kind: 'directory' })} />
              <IconButton icon="plus" label="New room" onClick={() => desk.open({ kind: 'newRoom' })} />
            </>
          }
        >
          {rooms.map((item) => (
            <RailRoom key={item.view.room.id} {...shown(item)} />
          ))}
          {rooms.length === 0 && <li class="hint pad">No room joined.</li>}
        </Section>
        <Section title="Direct" action={<IconButton icon="plus" label="New direct message" onClick={() => desk.open({ kind: 'direct' })} />}>
          {direct.map((item) => (
            <RailRoom key={item.view.room.id} {...shown(item)} />
          ))}
        </Section>
      </div>
      <Foot />
    </nav>
  )
}

function Section(props: { readonly title: string; readonly action?: JSX.Element; readonly children: preact.ComponentChildren }): JSX.Element {
  return (
    <section aria-label={props.title}>
      <div class="section">
        <h2>{props.title}</h2>
        <span class="acts">{props.action}</span>
      </div>
      <ul>{props.children}</ul>
    </section>
  )
}

/** The pages; on a phone the tabs lead to most of them. */
function Foot(): JSX.Element {
  const { store, derived } = useClient()
  const open = derived.openIncidents.value.length
  const page = store.route.value.page
  return (
    <div class="foot">
      {!phone.value && <Place icon="flag" to={{ page: 'incidents' }} words="Incidents" current={page === 'incidents' || page === 'incident'} count={open} />}
      {!phone.value && <Place icon="clock" to={{ page: 'oncall' }} words="On-call" current={page === 'oncall'} />}
      <Place icon="search" to={{ page: 'search', q: '' }} words="Search" current={page === 'search'} />
      {!phone.value && <Place icon="gear" to={{ page: 'settings' }} words="Settings" current={page === 'settings'} />}
      {derived.isAdmin.value && <Place icon="plug" to={{ page: 'admin' }} words="Administration" current={page === 'admin'} />}
    </div>
  )
}

function Place(props: { readonly icon: IconName; readonly to: Route; readonly words: string; readonly current: boolean; readonly count?: number }): JSX.Element {
  return (
    <a class="row" href={format(props.to)} aria-current={props.current ? 'page' : undefined}>
      <Icon name={props.icon} />
      <span class="name">{props.words}</span>
      {props.count !== undefined && props.count > 0 && (
        <span class="badge" title={`${props.count} open`}>
          {props.count}
        </span>
      )}
    </a>
  )
}
