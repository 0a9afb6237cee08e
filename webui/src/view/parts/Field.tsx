import type { ComponentChildren, JSX } from 'preact'
import { useId } from 'preact/hooks'

/** Field is a labelled input with a hint beneath it, or what is wrong with what was typed. */
export function Field(props: {
  readonly label: string
  readonly hint?: ComponentChildren
  readonly wrong?: string | undefined
  readonly children: (id: string, describedBy: string) => JSX.Element
}): JSX.Element {
  const id = useId()
  const note = `${id}-note`
  return (
    <div class="field">
      <label class="label" for={id}>
        {props.label}
      </label>
      {props.children(id, note)}
      <div id={note} class={props.wrong === undefined ? 'hint' : 'wrong'} role={props.wrong === undefined ? undefined : 'alert'}>
        {props.wrong ?? props.hint}
      </div>
    </div>
  )
}
