import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { until } from '../../lib/time.ts'
import type { Duty, Policy, Schedule, ScheduleId, Team } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { DutyBox } from '../oncall/DutyBox.tsx'
import { Ladders } from '../oncall/Ladders.tsx'
import { OverrideDialog } from '../oncall/OverrideDialog.tsx'
import { PolicyEditor } from '../oncall/PolicyEditor.tsx'
import { ScheduleEditor } from '../oncall/ScheduleEditor.tsx'
import { own } from '../oncall/strip.ts'
import { stripDays } from '../oncall/Strip.tsx'
import { TeamEditor } from '../oncall/TeamEditor.tsx'
import { dayAndTime, ownZone } from '../oncall/zone.ts'
import { Failed } from '../parts/Failed.tsx'
import { Icon } from '../parts/Icon.tsx'
import { Skeleton } from '../parts/Skeleton.tsx'
import { useList } from '../parts/useList.ts'
import { useLoad } from '../parts/useLoad.ts'
import { Page, Section } from './Page.tsx'

/** What is being edited; without its noun a new one is made. */
type Editing =
  | { readonly kind: 'override'; readonly schedule?: ScheduleId }
  | { readonly kind: 'schedule'; readonly schedule?: Schedule }
  | { readonly kind: 'policy'; readonly policy?: Policy }
  | { readonly kind: 'team'; readonly team?: Team }

const fresh = 5 * 60_000 // after which the duties are asked for again: time passes without an event

/** OnCall says who is on call, now and next, whether they can be rung, and lets it be changed. */
export function OnCall(): JSX.Element {
  const { api, store, lists, derived } = useClient()
  const [editing, setEditing] = useState<Editing>()
  useList(() => lists.schedules(), [lists])
  useList(() => lists.policies(), [lists])
  const turn = Math.floor(store.now.value / fresh)
  const duties = useLoad(() => api.oncall.duties(stripDays + 1), [store.schedules.value, turn])
  const people = [...new Set((duties.value ?? []).flatMap((duty) => [...duty.now, ...(duty.next ?? [])]))].toSorted()
  useList(() => (people.length === 0 ? Promise.resolve() : lists.readiness(people)), [lists, turn, people.join()])
  const zone = store.me.value?.zone || ownZone()
  const done = (): void => {
    setEditing(undefined)
    void duties.reload()
  }
  return (
    <Page
      wide
      title="On-call"
      actions={
        <button class="btn primary" type="button" disabled={duties.value === undefined || duties.value.length === 0} onClick={() => setEditing({ kind: 'override' })}>
          <Icon name="clock" />
          Put me on call
        </button>
      }
    >
      {duties.wrong !== undefined && <Failed what={duties.wrong} onRetry={() => void duties.reload()} />}
      {duties.value === undefined ? (
        duties.wrong === undefined && <Skeleton />
      ) : (
        <>
          <MyShifts duties={duties.value} zone={zone} />
          <Section
            title="Schedules"
            hint={`Times in ${zone.replaceAll('_', ' ')}.`}
            actions={
              derived.isAdmin.value && (
                <button class="btn" type="button" onClick={() => setEditing({ kind: 'schedule' })}>
                  <Icon name="plus" />
                  New schedule
                </button>
              )
            }
          >
            {duties.value.map((duty) => (
              <DutyBox
                key={duty.schedule.id}
                duty={duty}
                zone={zone}
                onOverride={() => setEditing({ kind: 'override', schedule: duty.schedule.id })}
                onEdit={() => setEditing({ kind: 'schedule', schedule: duty.schedule })}
                onChanged={() => void duties.reload()}
              />
            ))}
            {duties.value.length === 0 && <p class="empty">There is no schedule, so nobody is on call. An administrator makes one here.</p>}
          </Section>
          <Ladders onPolicy={(policy) => setEditing({ kind: 'policy', ...(policy === undefined ? {} : { policy }) })} onTeam={(team) => setEditing({ kind: 'team', ...(team === undefined ? {} : { team }) })} />
          {editing !== undefined && <Editor editing={editing} duties={duties.value} zone={zone} onClose={() => setEditing(undefined)} onDone={done} />}
        </>
      )}
    </Page>
  )
}

function MyShifts(props: { readonly duties: readonly Duty[]; readonly zone: string }): JSX.Element {
  const { store } = useClient()
  const me = store.me.value?.id
  const now = store.now.value
  const shifts = own(props.duties, (shift) => me !== undefined && shift.people.includes(me)).slice(0, 6)
  const ends = now + stripDays * 24 * 60 * 60 * 1000
  return (
    <Section title="My shifts">
      {shifts.length === 0 ? (
        <p class="hint">None within two weeks.</p>
      ) : (
        <ul class="shifts">
          {shifts.map(({ duty, from, to }) => (
            <li key={`${duty.schedule.id} ${from}`}>
              <strong>{duty.schedule.name}</strong>
              {from <= now ? (
                <span class="tone-ok">on call now{to < ends ? `, until ${dayAndTime(to, props.zone)}` : ', for the next two weeks and on'}</span>
              ) : (
                <span>
                  {until(from, now)}: {dayAndTime(from, props.zone)} to {dayAndTime(to, props.zone)}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

function Editor(props: { readonly editing: Editing; readonly duties: readonly Duty[]; readonly zone: string; readonly onClose: () => void; readonly onDone: () => void }): JSX.Element {
  const { store } = useClient()
  const { editing, onClose, onDone } = props
  const schedules = props.duties.map((duty) => duty.schedule)
  switch (editing.kind) {
    case 'override':
      return <OverrideDialog duties={props.duties} schedule={editing.schedule} zone={props.zone} onClose={onClose} onDone={onDone} />
    case 'schedule':
      return <ScheduleEditor schedule={editing.schedule} onClose={onClose} onDone={onDone} />
    case 'policy':
      return <PolicyEditor policy={editing.policy} schedules={schedules} onClose={onClose} onDone={onDone} />
    case 'team':
      return <TeamEditor team={editing.team} schedules={schedules} policies={[...(store.policies.value?.values() ?? [])]} onClose={onClose} onDone={onDone} />
  }
}
