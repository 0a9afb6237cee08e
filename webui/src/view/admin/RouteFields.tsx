import type { JSX } from 'preact'
import type { PolicyId, RoomId, TeamId } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { everydayRooms } from '../oncall/rooms.ts'
import { Choose } from '../parts/Choose.tsx'
import { useList } from '../parts/useList.ts'
import type { Submit } from '../parts/useSubmit.ts'

/** Where alerts go when nothing else is said; what is left open is the team's own. */
export interface Route {
  readonly team: TeamId | undefined
  readonly room: RoomId | undefined
  readonly policy: PolicyId | undefined
}

/** RouteFields choose a team, a room and a policy. */
export function RouteFields(props: { readonly route: Route; readonly onChange: (route: Route) => void; readonly form: Submit; readonly none: string }): JSX.Element {
  const { store, lists } = useClient()
  const { route, onChange, form, none } = props
  useList(() => lists.policies(), [lists])
  return (
    <div class="pair">
      <Choose label="Team" value={route.team} none={none} choices={[...store.teams.value.values()].map((team) => ({ value: team.id, words: team.name }))} onChange={(team) => onChange({ ...route, team })} wrong={form.wrong('team')} />
      <Choose label="Room" value={route.room} none={none} choices={everydayRooms(store.rooms.value)} onChange={(room) => onChange({ ...route, room })} wrong={form.wrong('room')} />
      <Choose
        label="Policy"
        value={route.policy}
        none={none}
        choices={[...(store.policies.value?.values() ?? [])].map((policy) => ({ value: policy.id, words: policy.name }))}
        onChange={(policy) => onChange({ ...route, policy })}
        wrong={form.wrong('policy')}
      />
    </div>
  )
}
