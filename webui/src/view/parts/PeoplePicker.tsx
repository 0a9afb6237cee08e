import type { JSX } from 'preact'
import { useId, useState } from 'preact/hooks'
import { find } from '../shell/fuzzy.ts'
import type { Person, PersonId } from '../../wire/types.gen.ts'
import { Avatar } from './Avatar.tsx'
import { Icon } from './Icon.tsx'

/** PeoplePicker chooses people by a few letters; what is chosen stands before the field. */
export function PeoplePicker(props: {
  readonly label: string
  readonly people: readonly Person[]
  readonly chosen: readonly PersonId[]
  readonly onChange: (chosen: readonly PersonId[]) => void
  readonly autoFocus?: boolean
}): JSX.Element {
  const { people, chosen, onChange } = props
  const id = useId()
  const [query, setQuery] = useState('')
  const left = people.filter((person) => !chosen.includes(person.id)).map((person) => ({ person, name: person.name, also: person.handle }))
  const found = find(query, left, 6)
  const add = (person: Person): void => {
    onChange([...chosen, person.id])
    setQuery('')
  }
  return (
    <div class="field">
      <label class="label" for={id}>
        {props.label}
      </label>
      {chosen.length > 0 && (
        <ul class="chips">
          {chosen.map((one) => (
            <li key={one}>
              <button class="chip" type="button" title="Take off" onClick={() => onChange(chosen.filter((other) => other !== one))}>
                {people.find((person) => person.id === one)?.name ?? one}
                <Icon name="close" size={10} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <input
        id={id}
        class="input"
        type="text"
        autoComplete="off"
        placeholder="Type a name"
        autoFocus={props.autoFocus === true}
        value={query}
        onInput={(e) => setQuery(e.currentTarget.value)}
        onKeyDown={(e) => {
          const first = found[0]
          if (e.key === 'Enter' && query !== '' && first !== undefined) {
            e.preventDefault()
            add(first.person)
          } else if (e.key === 'Backspace' && query === '') {
            onChange(chosen.slice(0, -1))
          }
        }}
      />
      <ul class="picks" aria-label="People">
        {found.map(({ person }) => (
          <li key={person.id}>
            <button class="row" type="button" onClick={() => add(person)}>
              <Avatar small id={person.id} name={person.name} />
              <span class="name">{person.name}</span>
              <span class="hint">@{person.handle}</span>
            </button>
          </li>
        ))}
        {found.length === 0 && <li class="hint">{query === '' ? 'Nobody else is here yet.' : 'Nobody by that name.'}</li>}
      </ul>
    </div>
  )
}
