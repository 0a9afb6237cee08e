import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { exact } from '../../lib/time.ts'
import type { Role, RoomId } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { everydayRooms } from '../oncall/rooms.ts'
import { Wrong } from '../pages/Gate.tsx'
import { roleNames, roles } from '../pages/roles.ts'
import { Choose } from '../parts/Choose.tsx'
import { DoButton } from '../parts/DoButton.tsx'
import { Modal } from '../parts/Modal.tsx'
import { useLoad } from '../parts/useLoad.ts'
import { useSubmit } from '../parts/useSubmit.ts'
import { Once } from './Once.tsx'

const lifetimes = [
  { value: '24', words: 'a day' },
  { value: '168', words: 'a week' },
  { value: '720', words: '30 days' },
] as const

/** InviteDialog makes a link that lets one person in, and shows it this once. */
export function InviteDialog(props: { readonly onClose: () => void }): JSX.Element {
  const { api, store } = useClient()
  const rooms = everydayRooms(store.rooms.value)
  const [role, setRole] = useState<Role>('member')
  const [chosen, setChosen] = useState<readonly RoomId[]>(rooms.slice(0, 1).map((room) => room.value))
  const [hours, setHours] = useState<'24' | '168' | '720'>('168')
  const [url, setUrl] = useState<string>()
  const form = useSubmit(['role', 'rooms', 'hours'])
  const mine = store.me.value?.role
  const mayGive = roles.filter((one) => mine === 'owner' || one !== 'owner')
  const submit = form.run(async () => setUrl((await api.invites.create({ role, rooms: chosen, hours: Number(hours) })).url))
  if (url !== undefined) {
    return (
      <Modal title="The invitation" onClose={props.onClose}>
        <Once label="The link" text={url}>
          Whoever opens it first makes an account as {roleNames[role].toLowerCase()}.
        </Once>
        <div class="actions">
          <button class="btn primary" type="button" onClick={props.onClose}>
            Done
          </button>
          <button class="btn" type="button" onClick={() => setUrl(undefined)}>
            Another one
          </button>
        </div>
      </Modal>
    )
  }
  return (
    <Modal title="Invite somebody" onClose={props.onClose}>
      <form class="form" onSubmit={submit}>
        <div class="pair">
          <Choose label="As" value={role} choices={mayGive.map((one) => ({ value: one, words: roleNames[one] }))} onChange={(next) => setRole(next ?? role)} wrong={form.wrong('role')} hint={role === 'guest' ? 'A guest sees only these rooms.' : undefined} />
          <Choose label="The link works for" value={hours} choices={lifetimes} onChange={(next) => setHours(next ?? hours)} wrong={form.wrong('hours')} />
        </div>
        <fieldset class="form">
          <legend class="label">Joins these rooms</legend>
          <div class="checks">
            {rooms.map((room) => (
              <label key={room.value} class="check">
                <input type="checkbox" checked={chosen.includes(room.value)} onChange={(e) => setChosen(e.currentTarget.checked ? [...chosen, room.value] : chosen.filter((one) => one !== room.value))} />
                {room.words}
              </label>
            ))}
          </div>
        </fieldset>
        <Wrong words={form.wrong('rooms') ?? form.wrong()} />
        <div class="actions">
          <button class="btn primary" type="submit" disabled={form.busy || (role === 'guest' && chosen.length === 0)}>
            Make the link
          </button>
          <button class="btn" type="button" onClick={props.onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Modal>
  )
}

/** Invites are the links that nobody has used yet. */
export function Invites(): JSX.Element | null {
  const { api, store, derived } = useClient()
  const invites = useLoad(() => api.invites.list())
  const open = (invites.value ?? []).filter((invite) => invite.usedBy === undefined && invite.expires > store.now.value)
  if (open.length === 0) {
    return null
  }
  return (
    <div>
      <h3>Open invitations</h3>
      <ul class="entries">
        {open.map((invite) => (
          <li key={invite.id}>
            <div>
              {roleNames[invite.role]}, by {derived.personName(invite.by)}
              <p class="hint">expires {exact(invite.expires)}</p>
            </div>
            <DoButton
              run={async () => {
                await api.invites.revoke(invite.id)
                await invites.reload()
              }}
            >
              Take back
            </DoButton>
          </li>
        ))}
      </ul>
    </div>
  )
}
