import type { JSX } from 'preact'
import type { Policy, Target, Team } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { Icon } from '../parts/Icon.tsx'
import { Skeleton } from '../parts/Skeleton.tsx'
import { Section } from '../pages/Page.tsx'
import { policyWords } from './draft.ts'

/** Ladders list the policies and the teams that use them; administrators change them. */
export function Ladders(props: { readonly onPolicy: (policy?: Policy) => void; readonly onTeam: (team?: Team) => void }): JSX.Element {
  const { store, derived } = useClient()
  const admin = derived.isAdmin.value
  const policies = store.policies.value
  const name = ({ schedule, person }: Target): string =>
    person !== undefined ? derived.personName(person) : schedule !== undefined ? (store.schedules.value?.get(schedule)?.name ?? 'a schedule') : 'nobody'
  return (
    <>
      <Section title="Policies" hint="Whom a critical alert rings, in which order." actions={admin && <New words="New policy" onClick={() => props.onPolicy()} />}>
        {policies === undefined ? (
          <Skeleton rows={2} />
        ) : (
          <ul class="entries">
            {[...policies.values()].map((policy) => (
              <li key={policy.id}>
                <div>
                  <strong>{policy.name}</strong> {policy.declared === true && <span class="badge">from a file</span>}
                  <p class="hint">{policyWords(policy, name)}</p>
                </div>
                {admin && <Open declared={policy.declared} what={`policy ${policy.name}`} onClick={() => props.onPolicy(policy)} />}
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section title="Teams" hint="A team has a default room, a schedule and a policy." actions={admin && <New words="New team" onClick={() => props.onTeam()} />}>
        <ul class="entries">
          {[...store.teams.value.values()].map((team) => (
            <li key={team.id}>
              <div>
                <strong>{team.name}</strong> {team.declared === true && <span class="badge">from a file</span>}
                <p class="hint">
                  {store.rooms.value.get(team.room) === undefined ? 'a room you are not in' : `#${store.rooms.value.get(team.room)?.room.name}`}, schedule{' '}
                  {store.schedules.value?.get(team.schedule)?.name ?? 'none'}, policy {policies?.get(team.policy)?.name ?? 'none'}
                </p>
              </div>
              {admin && <Open declared={team.declared} what={`team ${team.name}`} onClick={() => props.onTeam(team)} />}
            </li>
          ))}
        </ul>
      </Section>
    </>
  )
}

function New(props: { readonly words: string; readonly onClick: () => void }): JSX.Element {
  return (
    <button class="btn" type="button" onClick={props.onClick}>
      <Icon name="plus" />
      {props.words}
    </button>
  )
}

function Open(props: { readonly declared: boolean | undefined; readonly what: string; readonly onClick: () => void }): JSX.Element {
  const words = props.declared === true ? 'Look' : 'Edit'
  return (
    <button class="btn" type="button" aria-label={`${words} at ${props.what}`.replace('Edit at', 'Edit')} onClick={props.onClick}>
      {words}
    </button>
  )
}
