import type { JSX } from 'preact'
import type { Shift } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { hue } from '../parts/Avatar.tsx'
import { bars } from './strip.ts'
import { dayAndTime, moment, wall } from './zone.ts'

/** How many days a strip shows. */
export const stripDays = 14

/** Strip shows who is on call over the next two weeks: a column a day, in the reader's zone. */
export function Strip(props: { readonly name: string; readonly shifts: readonly Shift[]; readonly now: number; readonly zone: string }): JSX.Element {
  const { derived } = useClient()
  const { now, zone } = props
  const start = moment(wall(now, zone).slice(0, 10) + 'T00:00', zone) ?? now
  const names = (shift: Shift) => (shift.people.length === 0 ? 'nobody' : shift.people.map((id) => derived.personName(id)).join(', '))
  return (
    <div class="strip-days scroll-x" tabIndex={0} role="region" aria-label={`Shifts of ${props.name}, two weeks`}>
      <div class="strip-inner">
        <div class="days" aria-hidden="true">
          {Array.from({ length: stripDays }, (_, i) => (
            <Day key={i} local={wall(start, zone).slice(0, 10)} add={i} />
          ))}
        </div>
        <ul class="bars">
          {bars(props.shifts, start, stripDays, zone).map(({ shift, left, width }) => {
            const first = shift.people[0]
            const words = `${names(shift)}, ${dayAndTime(Date.parse(shift.from), zone)} to ${dayAndTime(Date.parse(shift.to), zone)}${shift.override === true ? ', override' : ''}`
            return (
              <li
                key={shift.from}
                class={`${first === undefined ? 'gap' : `hue${hue(first)}`} ${shift.override === true ? 'override' : ''}`}
                style={{ left: `${left * 100}%`, width: `${width * 100}%` }}
                title={words}
              >
                <span class="sr">{words}</span>
                <span aria-hidden="true">{names(shift)}</span>
              </li>
            )
          })}
        </ul>
      </div>
    </div>
  )
}

const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short', timeZone: 'UTC' })
const monthDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' })

function Day(props: { readonly local: string; readonly add: number }): JSX.Element {
  const at = Date.parse(props.local + 'T12:00Z') + props.add * 24 * 60 * 60 * 1000
  const weekend = new Date(at).getUTCDay() % 6 === 0
  return (
    <span class={`${props.add === 0 ? 'today' : ''} ${weekend ? 'weekend' : ''}`}>
      <b>{props.add === 0 ? 'Today' : weekday.format(at)}</b>
      <small>{monthDay.format(at)}</small>
    </span>
  )
}
