import { useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import type { Client } from '../../state/client.ts'
import type { Route } from '../../state/route.ts'
import { useHands } from '../context.ts'
import type { Desk } from '../desk.ts'
import { attempt } from '../parts/attempt.ts'
import { Icon, type IconName } from '../parts/Icon.tsx'
import { find, type Named } from './fuzzy.ts'
import { incidentTone } from './RailRoom.tsx'

interface Choice extends Named {
  readonly key: string
  readonly icon: IconName
  readonly hint: string
  readonly run: () => void
}

/** Palette is the way to everything by a few letters: rooms, people, incidents, pages and commands. */
export function Palette(): JSX.Element {
  const { client, desk } = useHands()
  const ref = useRef<HTMLDialogElement>(null)
  const list = useId()
  const query = useSignal('')
  const at = useSignal(0)
  const all = useComputed(() => choices(client, desk))
  const found = useComputed(() => find(query.value, all.value, 12))
  useEffect(() => {
    const dialog = ref.current
    dialog?.showModal()
    return () => dialog?.close()
  }, [])
  const pick = (choice: Choice | undefined): void => {
    if (choice === undefined) return
    desk.close()
    choice.run()
  }
  const onKeyDown = (e: KeyboardEvent): void => {
    const n = found.value.length
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      e.preventDefault()
      at.value = n === 0 ? 0 : (at.value + (e.key === 'ArrowDown' ? 1 : n - 1)) % n
    } else if (e.key === 'Enter') {
      e.preventDefault()
      pick(found.value[at.value])
    }
  }
  return (
    <dialog
      ref={ref}
      class="modal palette"
      aria-label="Go to"
      onCancel={(e) => {
        e.preventDefault()
        desk.close()
      }}
      onClick={(e) => {
        if (e.target === ref.current) desk.close()
      }}
    >
      <input
        class="input"
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={found.value[at.value] === undefined ? undefined : `${list}-${at.value}`}
        aria-label="Go to a room, person, incident, page or command"
        placeholder="Go to a room, person, incident, page…"
        autoFocus
        onInput={(e) => {
          query.value = e.currentTarget.value
          at.value = 0
        }}
        onKeyDown={onKeyDown}
      />
      <ul id={list} class="found" role="listbox" aria-label="Found">
        {found.value.map((choice, i) => (
          <li key={choice.key} id={`${list}-${i}`} class="item" role="option" aria-selected={i === at.value} onMouseMove={() => (at.value = i)} onClick={() => pick(choice)}>
            <Icon name={choice.icon} />
            <span class="name">{choice.name}</span>
            <span class="hint">{choice.hint}</span>
          </li>
        ))}
        {found.value.length === 0 && <li class="hint pad">Nothing has these letters in this order.</li>}
      </ul>
    </dialog>
  )
}

function choices(client: Client, desk: Desk): readonly Choice[] {
  return [...incidentChoices(client), ...roomChoices(client), ...pageChoices(client, desk), ...personChoices(client), ...commandChoices(client, desk)]
}

function incidentChoices({ derived, actions }: Client): readonly Choice[] {
  return derived.openIncidents.value.map((incident) => ({
    key: `i${incident.id}`,
    icon: incidentTone(incident) === 'critical' ? 'octagon' : 'diamond',
    name: `${incident.id} ${incident.title}`,
    hint: incident.state,
    run: () => actions.openIncident(incident.id),
  }))
}

function roomChoices({ derived, actions }: Client): readonly Choice[] {
  const { priority, rooms, direct } = derived.roomList.value
  return [...priority, ...rooms, ...direct].map((item) => ({
    key: item.view.room.id,
    icon: item.view.room.kind === 'direct' ? 'person' : item.view.room.kind === 'private' ? 'lock' : 'hash',
    name: item.title,
    hint: item.unread > 0 ? `${item.unread} unread` : '',
    run: () => actions.openRoom(item.view.room.id),
  }))
}

function pageChoices({ actions, derived, session }: Client, desk: Desk): readonly Choice[] {
  const page = (name: string, icon: IconName, to: Route, also = ''): Choice => ({ key: `p${name}`, icon, name, also, hint: '', run: () => actions.go(to) })
  const act = (name: string, icon: IconName, run: () => void, also = ''): Choice => ({ key: `a${name}`, icon, name, also, hint: '', run })
  return [
    page('Incidents', 'flag', { page: 'incidents' }),
    page('On-call and schedules', 'clock', { page: 'oncall' }),
    page('Search', 'search', { page: 'search', q: '' }),
    page('Checks', 'check', { page: 'checks' }),
    page('Settings', 'gear', { page: 'settings' }, 'me profile password theme'),
    ...(derived.isAdmin.value ? [page('Administration', 'plug', { page: 'admin' }, 'people integrations invite')] : []),
    act('Arm this browser', 'bell', () => desk.open({ kind: 'arm' }), 'sound alarm test'),
    act('Page me', 'bell', () => attempt(actions, actions.pageMe()), 'test alarm'),
    act('Page somebody', 'bell', () => desk.open({ kind: 'raise' }), 'raise incident'),
    act('New room', 'plus', () => desk.open({ kind: 'newRoom' })),
    act('Find a room', 'search', () => desk.open({ kind: 'directory' }), 'join directory'),
    act('New direct message', 'plus', () => desk.open({ kind: 'direct' })),
    act('Keys', 'more', () => desk.open({ kind: 'help' }), 'shortcuts help'),
    act('Sign out', 'back', () => attempt(actions, session.signOut())),
  ]
}

function personChoices({ store, actions }: Client): readonly Choice[] {
  const me = store.me.value?.id
  return [...store.people.value.values()]
    .filter((person) => person.id !== me && person.disabled !== true && person.bot !== true)
    .map((person) => ({
      key: person.id,
      icon: 'person',
      name: person.name,
      also: person.handle,
      hint: `@${person.handle}`,
      run: () => {
        attempt(actions, actions.direct([person.id]).then((room) => actions.openRoom(room)))
      },
    }))
}

function commandChoices({ store, actions }: Client, desk: Desk): readonly Choice[] {
  return store.commands.value.map((command) => ({
    key: `/${command.name}`,
    icon: 'send',
    name: `/${command.name}`,
    hint: command.help,
    run: () => {
      const route = store.route.value
      if (route.page === 'room') {
        desk.write(`/${command.name} `)
      } else {
        actions.toast('Open a room first: commands run in a room.')
      }
    },
  }))
}
