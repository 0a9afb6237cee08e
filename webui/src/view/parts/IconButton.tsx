import type { JSX } from 'preact'
import { Icon, type IconName } from './Icon.tsx'

/** IconButton is a button that shows only a drawing; its label is its name and its tip. */
export function IconButton(props: {
  readonly icon: IconName
  readonly label: string
  readonly onClick: (e: MouseEvent) => void
  readonly class?: string
  readonly expanded?: boolean
}): JSX.Element {
  return (
    <button
      class={`btn quiet ${props.class ?? ''}`}
      type="button"
      title={props.label}
      aria-label={props.label}
      aria-expanded={props.expanded}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
    </button>
  )
}
