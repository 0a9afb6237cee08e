import type { JSX } from 'preact'

/** hue picks one of eight colours for a name, always the same. */
export function hue(id: string): number {
  let sum = 0
  for (const c of id) {
    sum = (sum * 31 + c.charCodeAt(0)) >>> 0
  }
  return sum % 8
}

/** Avatar is the first letter of a name on its colour. The name stands beside it, so it is decoration. */
export function Avatar(props: { readonly id: string; readonly name: string; readonly small?: boolean }): JSX.Element {
  const letter = [...props.name.trim()][0] ?? '?'
  return (
    <span class={`avatar hue${hue(props.id)} ${props.small === true ? 'small' : ''}`} aria-hidden="true">
      {letter.toUpperCase()}
    </span>
  )
}
