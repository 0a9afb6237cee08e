import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Field } from '../parts/Field.tsx'
import { zones } from './zone.ts'

/** ZoneField chooses a time zone among those that the browser knows. */
export function ZoneField(props: { readonly value: string; readonly onChange: (zone: string) => void; readonly wrong: string | undefined; readonly hint: string }): JSX.Element {
  const [list] = useState(() => zones(props.value))
  return (
    <Field label="Time zone" wrong={props.wrong} hint={props.hint}>
      {(id, note) => (
        <select id={id} class="select" aria-describedby={note} value={props.value} onChange={(e) => props.onChange(e.currentTarget.value)}>
          {list.map((zone) => (
            <option key={zone} value={zone}>
              {zone.replaceAll('_', ' ')}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}
