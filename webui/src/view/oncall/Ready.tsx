import type { JSX } from 'preact'
import type { PersonId } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { Avatar } from '../parts/Avatar.tsx'
import { SeverityWord } from '../parts/Severity.tsx'
import { readyWords } from './readiness.ts'

/** Ready is a person and whether they can be rung now, in words and a shape. */
export function Ready(props: { readonly person: PersonId }): JSX.Element {
  const { store, derived } = useClient()
  const ready = store.readiness.value.get(props.person)
  const name = derived.personName(props.person)
  const shown = ready === undefined ? undefined : readyWords(ready)
  return (
    <span class="ready">
      <Avatar small id={props.person} name={name} />
      <strong>{name}</strong>
      {ready !== undefined && shown !== undefined && (
        <span title={ready.words}>
          <SeverityWord tone={shown.tone} word={shown.words} />
        </span>
      )}
    </span>
  )
}
