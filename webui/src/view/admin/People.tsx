import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Person } from '../../wire/types.gen.ts'
import { words } from '../../wire/http.ts'
import { useClient, useDesk } from '../context.ts'
import { Section } from '../pages/Page.tsx'
import { MakeToken } from '../pages/settings/TokensTab.tsx'
import { roleNames, roles } from '../pages/roles.ts'
import { Avatar } from '../parts/Avatar.tsx'
import { Select } from '../parts/Choose.tsx'
import { DoButton } from '../parts/DoButton.tsx'
import { Icon } from '../parts/Icon.tsx'
import { Modal } from '../parts/Modal.tsx'
import { BotDialog } from './BotDialog.tsx'
import { InviteDialog, Invites } from './InviteDialog.tsx'
import { Once } from './Once.tsx'

/** What is open above the list. */
type Open = { readonly kind: 'invite' | 'bot' } | { readonly kind: 'reset'; readonly name: string; readonly url: string } | { readonly kind: 'token'; readonly bot: Person }

/** People lists everybody with an account, and what administrators may do about it. */
export function People(): JSX.Element {
  const { store } = useClient()
  const [open, setOpen] = useState<Open>()
  const [turn, setTurn] = useState(0) // counts what was made, so that lists are asked for again
  const close = (): void => {
    setOpen(undefined)
    setTurn(turn + 1)
  }
  const all = [...store.people.value.values()].toSorted((a, b) => Number(a.disabled === true) - Number(b.disabled === true) || a.name.localeCompare(b.name))
  const people = all.filter((person) => person.bot !== true)
  const bots = all.filter((person) => person.bot === true)
  return (
    <div class="sections">
      <Section
        title="People"
        actions={
          <button class="btn primary" type="button" onClick={() => setOpen({ kind: 'invite' })}>
            <Icon name="plus" />
            Invite
          </button>
        }
      >
        <PeopleTable people={people} onReset={(name, url) => setOpen({ kind: 'reset', name, url })} />
        <Invites key={turn} />
      </Section>
      <Section
        title="Bots"
        hint="An account for a program. It may do what its owner may do, and never more."
        actions={
          <button class="btn" type="button" onClick={() => setOpen({ kind: 'bot' })}>
            <Icon name="plus" />
            New bot
          </button>
        }
      >
        {bots.length === 0 ? <p class="hint">There are none.</p> : <Bots bots={bots} onToken={(bot) => setOpen({ kind: 'token', bot })} />}
      </Section>
      {open !== undefined && <Above open={open} onClose={close} />}
    </div>
  )
}

function Above(props: { readonly open: Open; readonly onClose: () => void }): JSX.Element {
  const { open, onClose } = props
  switch (open.kind) {
    case 'invite':
      return <InviteDialog onClose={onClose} />
    case 'bot':
      return <BotDialog onClose={onClose} />
    case 'reset':
      return (
        <Modal title={`A new password for ${open.name}`} onClose={onClose}>
          <Once label="The link" text={open.url}>
            Give it to {open.name}; whoever opens it sets the password. It works once.
          </Once>
          <div class="actions">
            <button class="btn" type="button" onClick={onClose}>
              Done
            </button>
          </div>
        </Modal>
      )
    case 'token':
      return (
        <Modal title={`A token for ${open.bot.name}`} onClose={onClose}>
          <MakeToken person={open.bot.id} onMade={() => undefined} />
          <div class="actions">
            <button class="btn" type="button" onClick={onClose}>
              Done
            </button>
          </div>
        </Modal>
      )
  }
}

function PeopleTable(props: { readonly people: readonly Person[]; readonly onReset: (name: string, url: string) => void }): JSX.Element {
  return (
    <div class="scroll-x">
      <table class="table stack">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Handle</th>
            <th scope="col">Role</th>
            <th scope="col">
              <span class="sr">What can be done</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {props.people.map((person) => (
            <PersonRow key={person.id} person={person} onReset={props.onReset} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function PersonRow(props: { readonly person: Person; readonly onReset: (name: string, url: string) => void }): JSX.Element {
  const { store, api, actions } = useClient()
  const { person } = props
  const me = store.me.value?.id === person.id
  return (
    <tr class={person.disabled === true ? 'off' : ''}>
      <td>
        <span class="ready">
          <Avatar small id={person.id} name={person.name} />
          <strong>{person.name}</strong>
          {me && <span class="badge">you</span>}
          {person.disabled === true && <span class="badge">disabled</span>}
        </span>
      </td>
      <td data-label="Handle">@{person.handle}</td>
      <td data-label="Role">
        <Select
          key={person.role}
          label={`Role of ${person.name}`}
          value={person.role}
          choices={roles.map((role) => ({ value: role, words: roleNames[role] }))}
          onChange={(role) => {
            if (role !== undefined) {
              api.people.patch(person.id, { role }).then(
                () => actions.toast(`${person.name} is ${roleNames[role].toLowerCase()} now.`),
                (error: unknown) => actions.toast(words(error), 'error'),
              )
            }
          }}
        />
      </td>
      <td class="last">
        <div class="actions">
          <DoButton run={async () => props.onReset(person.name, (await api.people.reset(person.id)).url)}>Reset link</DoButton>
          {!me && <Disable person={person} />}
        </div>
      </td>
    </tr>
  )
}

function Disable(props: { readonly person: Person }): JSX.Element {
  const { api } = useClient()
  const desk = useDesk()
  const { person } = props
  if (person.disabled === true) {
    return <DoButton run={() => api.people.patch(person.id, { disabled: false })}>Enable</DoButton>
  }
  return (
    <button
      class="btn danger"
      type="button"
      onClick={() =>
        desk.ask({
          title: `Disable ${person.name}?`,
          text: 'Every session and token ends at once, and nobody pages this account any more. What was written stays. It can be enabled again.',
          button: 'Disable',
          danger: true,
          run: () => api.people.patch(person.id, { disabled: true }),
        })
      }
    >
      Disable
    </button>
  )
}

function Bots(props: { readonly bots: readonly Person[]; readonly onToken: (bot: Person) => void }): JSX.Element {
  const { derived } = useClient()
  return (
    <ul class="entries">
      {props.bots.map((bot) => (
        <li key={bot.id}>
          <div>
            <span class="ready">
              <Avatar small id={bot.id} name={bot.name} />
              <strong>{bot.name}</strong> @{bot.handle}
              {bot.disabled === true && <span class="badge">disabled</span>}
            </span>
            <p class="hint">{bot.owner === undefined ? 'belongs to the server' : `belongs to ${derived.personName(bot.owner)}`}</p>
          </div>
          {bot.owner !== undefined && (
            <div class="actions">
              <button class="btn" type="button" onClick={() => props.onToken(bot)}>
                New token
              </button>
              <Disable person={bot} />
            </div>
          )}
        </li>
      ))}
    </ul>
  )
}
