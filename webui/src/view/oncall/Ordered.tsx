import type { JSX } from 'preact'
import { IconButton } from '../parts/IconButton.tsx'
import { type Choice, Select } from '../parts/Choose.tsx'

/** The list with the item at a place moved by one; unchanged at its ends. */
export function moved<T>(list: readonly T[], at: number, by: -1 | 1): readonly T[] {
  const to = at + by
  const item = list[at]
  if (item === undefined || to < 0 || to >= list.length) {
    return list
  }
  const rest = list.filter((_, i) => i !== at)
  return [...rest.slice(0, to), item, ...rest.slice(to)]
}

/** Ordered is a list of chosen things: each can go up, down and away, and others can be added at its end. */
export function Ordered<T extends string>(props: {
  readonly label: string
  readonly chosen: readonly T[]
  readonly choices: readonly Choice<T>[]
  readonly onChange: (chosen: readonly T[]) => void
  readonly add: string
  /** the order means nothing: it is not shown and cannot be changed */
  readonly loose?: boolean
  readonly disabled?: boolean
}): JSX.Element {
  const { chosen, choices, onChange } = props
  const left = choices.filter((choice) => !chosen.includes(choice.value))
  const words = (value: T) => choices.find((choice) => choice.value === value)?.words ?? value
  return (
    <div class="field" role="group" aria-label={props.label}>
      <span class="label">{props.label}</span>
      <ol class="ordered">
        {chosen.map((value, i) => (
          <li key={value}>
            {props.loose !== true && <span class="hint num">{i + 1}</span>}
            <span class="name">{words(value)}</span>
            {props.disabled !== true && (
              <>
                {props.loose !== true && i > 0 && <IconButton icon="arrowUp" label={`Move ${words(value)} up`} onClick={() => onChange(moved(chosen, i, -1))} />}
                {props.loose !== true && i < chosen.length - 1 && <IconButton icon="arrowDown" label={`Move ${words(value)} down`} onClick={() => onChange(moved(chosen, i, 1))} />}
                <IconButton icon="close" label={`Take ${words(value)} off`} onClick={() => onChange(chosen.filter((other) => other !== value))} />
              </>
            )}
          </li>
        ))}
      </ol>
      {props.disabled !== true && left.length > 0 && (
        <Select
          label={props.add}
          value={undefined}
          none={props.add}
          choices={left}
          onChange={(value) => {
            if (value !== undefined) onChange([...chosen, value])
          }}
        />
      )}
    </div>
  )
}
