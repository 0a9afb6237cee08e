import type { JSX } from 'preact'
import { format } from '../../state/route.ts'
import type { IncidentId } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { IncidentPanel } from '../incident/IncidentPanel.tsx'
import { stateTone } from '../incident/words.ts'
import { Icon } from '../parts/Icon.tsx'
import { useList } from '../parts/useList.ts'
import { SeverityIcon } from '../parts/Severity.tsx'
import { Page } from './Page.tsx'

/** IncidentPage is one incident alone, with the way to its room. */
export function IncidentPage(props: { readonly n: IncidentId }): JSX.Element {
  const { store, lists, derived } = useClient()
  const { n } = props
  const incident = store.incident(n).value
  const room = incident?.room
  useList(() => (room === undefined ? Promise.resolve() : lists.room(room)), [lists, room])
  const view = room === undefined ? undefined : store.room(room).value
  return (
    <Page
      wide
      back={{ to: { page: 'incidents' }, words: 'All incidents' }}
      title={
        <>
          {incident !== undefined && <SeverityIcon tone={stateTone(incident)} />} <span class="num">#{n}</span> <span class="roomy">{incident?.title ?? 'Incident'}</span>
        </>
      }
      actions={
        view !== undefined && (
          <a class="btn" href={format({ page: 'room', room: view.room.id })}>
            <Icon name="hash" size={12} />
            <span class="roomy">{derived.roomTitle(view).replace(/^#/, '')}</span>
          </a>
        )
      }
    >
      {incident !== undefined && <p class="headline">{incident.title}</p>}
      <IncidentPanel key={n} n={n} />
    </Page>
  )
}
