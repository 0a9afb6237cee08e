import type { Person, PersonId } from '../../wire/types.gen.ts'

/** Who can be on call, by name; only one of them when it is named. */
export function callable(people: ReadonlyMap<PersonId, Person>, only?: PersonId): readonly Person[] {
  return [...people.values()]
    .filter((person) => person.bot !== true && person.disabled !== true && (only === undefined || person.id === only))
    .toSorted((a, b) => a.name.localeCompare(b.name))
}
