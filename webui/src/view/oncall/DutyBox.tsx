import type { JSX } from 'preact'
import { until } from '../../lib/time.ts'
import type { Duty, Override } from '../../wire/types.gen.ts'
import { useClient, useDesk } from '../context.ts'
import { DoButton } from '../parts/DoButton.tsx'
import { Ready } from './Ready.tsx'
import { Strip } from './Strip.tsx'
import { dayAndTime } from './zone.ts'

/** DutyBox says who is on call for one schedule, now and next, and whether they can be rung. */
export function DutyBox(props: {
  readonly duty: Duty
  readonly zone: string
  readonly onOverride: () => void
  readonly onEdit: () => void
  readonly onChanged: () => void
}): JSX.Element {
  const { store, derived } = useClient()
  const { duty, zone } = props
  const now = store.now.value
  const next = duty.until === undefined ? undefined : Date.parse(duty.until)
  const overrides = (duty.schedule.overrides ?? []).filter((one) => Date.parse(one.to) > now)
  return (
    <article class="box duty" aria-label={`Schedule ${duty.schedule.name}`}>
      <header>
        <h3>{duty.schedule.name}</h3>
        {duty.schedule.declared === true && <span class="badge">from a file</span>}
        <span class="spread" />
        <div class="actions">
          <button class="btn" type="button" onClick={props.onOverride}>
            Override
          </button>
          {derived.isAdmin.value && (
            <button class="btn" type="button" onClick={props.onEdit}>
              {duty.schedule.declared === true ? 'Look' : 'Edit'}
            </button>
          )}
        </div>
      </header>
      <div class="now-next">
        <div>
          <p class="hint">Now{next !== undefined && `, until ${dayAndTime(next, zone)}`}</p>
          {duty.now.length === 0 ? <p class="tone-crit">Nobody is on call.</p> : duty.now.map((person) => <Ready key={person} person={person} />)}
        </div>
        <div>
          <p class="hint">Next{next !== undefined && `, ${until(next, now)}`}</p>
          {next === undefined ? <p>{duty.now.length === 0 ? 'Nobody.' : 'Nobody else: it stays so.'}</p> : (duty.next ?? []).length === 0 ? <p>Nobody.</p> : (duty.next ?? []).map((person) => <Ready key={person} person={person} />)}
        </div>
      </div>
      <Strip name={duty.schedule.name} shifts={duty.shifts} now={now} zone={zone} />
      {overrides.length > 0 && (
        <ul class="overrides" aria-label="Overrides">
          {overrides.map((one) => (
            <OverrideRow key={one.id} duty={duty} override={one} zone={zone} onChanged={props.onChanged} />
          ))}
        </ul>
      )}
    </article>
  )
}

function OverrideRow(props: { readonly duty: Duty; readonly override: Override; readonly zone: string; readonly onChanged: () => void }): JSX.Element {
  const { api, store, derived } = useClient()
  const desk = useDesk()
  const { override, zone } = props
  const mayRemove = derived.isAdmin.value || override.person === store.me.value?.id
  const words = `${derived.personName(override.person)}, ${dayAndTime(Date.parse(override.from), zone)} to ${dayAndTime(Date.parse(override.to), zone)}`
  return (
    <li>
      <span>Override: {words}</span>
      {mayRemove && (
        <DoButton
          class="quiet"
          run={() =>
            desk.ask({
              title: 'Take the override back?',
              text: `${words}. Whoever the rotation names is on call instead.`,
              button: 'Take it back',
              run: async () => {
                await api.oncall.removeOverride(props.duty.schedule.id, override.id)
                props.onChanged()
              },
            })
          }
        >
          Take back
        </DoButton>
      )}
    </li>
  )
}
