import type { JSX } from 'preact'
import type { Banner as BannerOf } from '../../state/derived.ts'
import { format } from '../../state/route.ts'
import type { Incident } from '../../wire/types.gen.ts'
import { useBell, useClient, useDesk } from '../context.ts'
import { DoButton } from '../parts/DoButton.tsx'
import { Icon } from '../parts/Icon.tsx'
import { SeverityIcon } from '../parts/Severity.tsx'
import { Span } from '../parts/Time.tsx'
import { useAcknowledge } from './acknowledge.ts'

/** Banners is the alarm across the whole screen for whoever is rung, or a quiet line for who works on an incident. */
export function Banners(): JSX.Element {
  const { derived } = useClient()
  const banner = derived.banner.value
  if (banner === undefined) {
    return <div class="banners" />
  }
  return (
    <section class="banners" aria-label="Alarm">
      {banner.kind === 'ringing' ? <Ringing banner={banner} /> : <Working banner={banner} />}
    </section>
  )
}

function Ringing(props: { readonly banner: BannerOf }): JSX.Element {
  const { incident, more } = props.banner
  const acknowledge = useAcknowledge()
  return (
    <div class="banner">
      <Icon name="octagon" size={18} class="pulse" />
      <div class="what">
        <span role="alert">
          <span class="sr">Critical: </span>
          <Title incident={incident} />
        </span>{' '}
        <small>
          firing <Span since={incident.opened} /> <Where incident={incident} />
          {more > 0 && (
            <>
              {' · '}
              <a href={format({ page: 'incidents' })}>+{more} more</a>
            </>
          )}
        </small>
      </div>
      <Deaf />
      <DoButton class="ack" run={() => acknowledge(incident)}>
        Acknowledge <kbd>A</kbd>
      </DoButton>
    </div>
  )
}

/** Says that this device rings nobody, where the one who is rung looks anyway. */
function Deaf(): JSX.Element | null {
  const { kind } = useBell().badge.value
  const desk = useDesk()
  if (kind !== 'off' && kind !== 'blocked') {
    return null
  }
  return (
    <button class="btn quiet deaf" type="button" onClick={() => desk.open({ kind: 'arm' })}>
      <Icon name="bellOff" />
      Sound off here - arm
    </button>
  )
}

/** The quiet line: what this person works on, and whether its sender thinks it is over. */
function Working(props: { readonly banner: BannerOf }): JSX.Element {
  const { actions } = useClient()
  const { incident, kind, more } = props.banner
  const done = kind === 'senderDone'
  return (
    <div class="banner quiet" role="status">
      <SeverityIcon tone={done ? 'ok' : incident.severity} />
      <div class="what">
        <Title incident={incident} />{' '}
        <small>
          {done ? 'The sender says it is over. Close it?' : <Part incident={incident} />} <Where incident={incident} />
          {more > 0 && (
            <>
              {' · '}
              <a href={format({ page: 'incidents' })}>+{more} more</a>
            </>
          )}
        </small>
      </div>
      <DoButton run={() => actions.resolve(incident.id)}>Resolve</DoButton>
    </div>
  )
}

function Title(props: { readonly incident: Incident }): JSX.Element {
  return <a href={format({ page: 'incident', incident: props.incident.id })}>{props.incident.title}</a>
}

function Where(props: { readonly incident: Incident }): JSX.Element | null {
  const { store, derived } = useClient()
  const view = store.room(props.incident.room).value
  if (view === undefined) {
    return null
  }
  return (
    <span class="where">
      {'· '}
      <a href={format({ page: 'room', room: view.room.id })}>{derived.roomTitle(view)}</a>
    </span>
  )
}

/** What this person has to do with it. */
function Part(props: { readonly incident: Incident }): JSX.Element {
  const { store } = useClient()
  const { incident } = props
  if (incident.owner !== store.me.value?.id) {
    return <>you were paged</>
  }
  return (
    <>
      you acknowledged <Span since={incident.acked ?? incident.opened} /> ago
    </>
  )
}
