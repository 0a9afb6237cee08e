import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { format } from '../../state/route.ts'
import type { Incident } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { Icon } from '../parts/Icon.tsx'
import { useSubmit } from '../parts/useSubmit.ts'
import { Gate, Wrong } from './Gate.tsx'

/**
 * AckLink acknowledges by the link of a mail or a push, without a sign-in. Opening it does nothing, because scanners
 * open links: the button does.
 */
export function AckLink(props: { readonly secret: string }): JSX.Element {
  const { api } = useClient()
  const [incident, setIncident] = useState<Incident>()
  const form = useSubmit()
  if (incident !== undefined) {
    return <Done incident={incident} />
  }
  return (
    <Gate title="You are being paged" lead="Acknowledging makes you the owner of the incident and stops its ringing on every device.">
      <form class="form" onSubmit={form.run(async () => setIncident(await api.incidents.ackByLink(props.secret)))}>
        <button class="btn primary large huge" type="submit" disabled={form.busy} autoFocus>
          {form.busy ? 'Acknowledging…' : 'Acknowledge'}
        </button>
        <Wrong words={form.wrong()} />
      </form>
      {form.wrong() !== undefined && (
        <p>
          <a href={format({ page: 'incidents' })}>Sign in and see the open incidents</a>
        </p>
      )}
    </Gate>
  )
}

function Done(props: { readonly incident: Incident }): JSX.Element {
  const { incident } = props
  const over = incident.state === 'resolved'
  return (
    <Gate title={over ? 'It is resolved already' : 'Acknowledged'} lead={`Incident ${incident.id}: ${incident.title}`}>
      <p class="notice ok" role="status">
        <Icon name="check" />
        {over ? 'Nothing rings any more and there is nothing left to do.' : 'You own it now and nothing rings any more. Without any sign of you it rings again in 30 minutes.'}
      </p>
      <a class="btn large" href={format({ page: 'incident', incident: incident.id })}>
        Open the incident
      </a>
    </Gate>
  )
}
