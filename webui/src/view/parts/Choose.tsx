import type { ComponentChildren, JSX } from 'preact'
import { Field } from './Field.tsx'

/** One thing that can be chosen. */
export interface Choice<T extends string> {
  readonly value: T
  readonly words: string
}

/** Choose picks one of a few things by name. With none it may be left open, in those words. */
export function Choose<T extends string>(props: {
  readonly label: string
  readonly value: T | undefined
  readonly choices: readonly Choice<T>[]
  readonly onChange: (value: T | undefined) => void
  readonly none?: string
  readonly hint?: ComponentChildren
  readonly wrong?: string | undefined
  readonly disabled?: boolean
}): JSX.Element {
  return (
    <Field label={props.label} hint={props.hint} wrong={props.wrong}>
      {(id, note) => <Select {...props} id={id} describedBy={note} />}
    </Field>
  )
}

/** Select is the bare list, for a row that has its label elsewhere. */
export function Select<T extends string>(props: {
  readonly value: T | undefined
  readonly choices: readonly Choice<T>[]
  readonly onChange: (value: T | undefined) => void
  readonly none?: string
  readonly id?: string
  readonly describedBy?: string
  readonly label?: string
  readonly disabled?: boolean
}): JSX.Element {
  const { choices, value } = props
  return (
    <select
      id={props.id}
      class="select"
      aria-label={props.id === undefined ? props.label : undefined}
      aria-describedby={props.describedBy}
      disabled={props.disabled === true}
      value={value ?? ''}
      onChange={(e) => {
        const chosen = e.currentTarget.value
        props.onChange(choices.find((choice) => choice.value === chosen)?.value)
      }}
    >
      {(props.none !== undefined || !choices.some((choice) => choice.value === value)) && <option value="">{props.none ?? 'Choose'}</option>}
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.words}
        </option>
      ))}
    </select>
  )
}
