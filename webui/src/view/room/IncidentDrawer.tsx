import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { format } from '../../state/route.ts'
import type { IncidentId } from '../../wire/types.gen.ts'
import { useDesk } from '../context.ts'
import { IconButton } from '../parts/IconButton.tsx'
import { narrow } from '../parts/media.ts'
import { panelOf } from '../routes.tsx'

/** IncidentDrawer is the incident of a priority room beside it: always where there is space, else as a drawer. */
export function IncidentDrawer(props: { readonly incident: IncidentId }): JSX.Element | null {
  const desk = useDesk()
  useEffect(() => () => desk.showDrawer(false), [props.incident])
  if (narrow.value && !desk.drawer.value) {
    return null
  }
  return (
    <aside class="panel" aria-label={`Incident ${props.incident}`}>
      <header class="head">
        <h2 class="title">Incident {props.incident}</h2>
        <span class="spread" />
        <a class="btn quiet" href={format({ page: 'incident', incident: props.incident })}>
          Full page
        </a>
        {narrow.value && <IconButton icon="close" label="Close" onClick={() => desk.showDrawer(false)} />}
      </header>
      <div class="scroll">{panelOf(props.incident)}</div>
    </aside>
  )
}
