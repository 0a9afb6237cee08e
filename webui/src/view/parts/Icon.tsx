import type { JSX } from 'preact'

/** The drawings by name: paths in a 16 by 16 box, filled or stroked with the text's colour. */
const shapes = {
  octagon: ['fill', 'M5 1h6l4 4v6l-4 4H5l-4-4V5z'],
  triangle: ['fill', 'M8 1.5 15 14H1z'],
  diamond: ['fill', 'M8 1l7 7-7 7-7-7z'],
  circle: ['fill', 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13z'],
  ring: ['line', 'M8 13.500a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11z'],
  check: ['line', 'M2.5 8.5l3.5 3.5 7.5-8'],
  hash: ['line', 'M6 2L4.5 14M11.5 2L10 14M2.5 5.5h11.5M2 10.5h11.5'],
  lock: ['line', 'M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5'],
  person: ['line', 'M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.5 14c.6-3 2.8-4.2 5.5-4.2s4.9 1.2 5.5 4.2'],
  people: ['line', 'M6 7.5a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2zM1.5 13.5c.4-2.8 2.1-4 4.5-4s4.1 1.2 4.5 4M10.5 2.5a2.6 2.6 0 0 1 0 5M12 9.6c1.5.5 2.3 1.8 2.6 3.9'],
  bell: ['line', 'M3.5 11.500h9c-1-1-1-2.5-1-4.500a3.5 3.5 0 0 0-7 0c0 2 0 3.5-1 4.500zM6.5 13.800a1.6 1.6 0 0 0 3 0'],
  bellOff: ['line', 'M2 2l12 12M5 4.200a3.5 3.5 0 0 1 6.5 2.800c0 1.2 0 2.2.3 3M10 11.500H3.500c1-1 1-2.5 1-4.500M6.5 13.800a1.6 1.6 0 0 0 3 0'],
  search: ['line', 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.8 10.800L14.2 14.2'],
  plus: ['line', 'M8 2.500v11M2.5 8h11'],
  close: ['line', 'M3.5 3.500l9 9M12.5 3.500l-9 9'],
  more: ['fill', 'M3 6.700a1.3 1.3 0 1 1 0 2.6 1.3 1.3 0 0 1 0-2.600zM8 6.700a1.3 1.3 0 1 1 0 2.6 1.3 1.3 0 0 1 0-2.600zM13 6.700a1.3 1.3 0 1 1 0 2.6 1.3 1.3 0 0 1 0-2.600z'],
  back: ['line', 'M10 2.500L4.5 8l5.5 5.5'],
  gear: ['line', 'M8 10.300a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.600zM8 1.500v2M8 12.500v2M1.5 8h2M12.5 8h2M3.4 3.400l1.4 1.400M11.2 11.200l1.4 1.400M3.4 12.600l1.4-1.400M11.2 4.800l1.4-1.4'],
  phone: ['line', 'M4.5 1.500h7v13h-7zM7 12.500h2'],
  clock: ['line', 'M8 14.500a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM8 4.500V8l2.5 1.5'],
  reply: ['line', 'M6 3L2 7l4 4M2.5 7H10a4 4 0 0 1 4 4v2'],
  edit: ['line', 'M11 2.500l2.5 2.500L5.5 13H3v-2.500z'],
  trash: ['line', 'M2.5 4h11M6 4V2.500h4V4M4 4l.7 9.500h6.600L12 4'],
  link: ['line', 'M6.5 9.500l3-3M7 4.500l1.5-1.500a2.8 2.8 0 0 1 4 4L11 8.500M9 11.500L7.5 13a2.8 2.8 0 0 1-4-4L5 7.5'],
  copy: ['line', 'M5.5 5.500h8v8h-8zM10.5 5.500v-3h-8v8h3'],
  file: ['line', 'M3.5 1.500h6l3 3v10h-9zM9.5 1.500v3h3'],
  clip: ['line', 'M12.5 7L7.5 12a3 3 0 0 1-4.2-4.200L9 2.200a2 2 0 0 1 2.8 2.800L6.3 10.500a1 1 0 0 1-1.4-1.400L9.5 4.5'],
  send: ['fill', 'M1.5 2.200l13 5.8-13 5.800L3 9l6-1-6-1z'],
  plug: ['line', 'M5.5 1.500v4M10.5 1.500v4M3.5 5.500h9v2.500a4.5 4.5 0 0 1-9 0zM8 12.500v2'],
  flag: ['line', 'M3.5 14.500v-12h8l-1.5 3 1.5 3h-8'],
  arrowDown: ['line', 'M8 2.500v11M3.5 9L8 13.5 12.5 9'],
  arrowUp: ['line', 'M8 13.500v-11M3.5 7L8 2.5 12.5 7'],
  archive: ['line', 'M1.5 2.500h13v3h-13zM2.5 5.500v8h11v-8M6 8.500h4'],
  sun: ['line', 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1v1.500M8 13.500V15M1 8h1.500M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1'],
} as const

/** The name of a drawing. */
export type IconName = keyof typeof shapes

/** Icon is an inline drawing. With a label it speaks to screen readers, without one it is decoration. */
export function Icon(props: { readonly name: IconName; readonly size?: number; readonly label?: string; readonly class?: string }): JSX.Element {
  const [kind, path] = shapes[props.name]
  const size = props.size ?? 16
  const paint =
    kind === 'fill'
      ? { fill: 'currentColor' }
      : { fill: 'none', stroke: 'currentColor', 'stroke-width': 1.5, 'stroke-linecap': 'round' as const, 'stroke-linejoin': 'round' as const }
  const speech = props.label === undefined ? { 'aria-hidden': true } : { role: 'img' as const, 'aria-label': props.label }
  return (
    <svg class={`icon ${props.class ?? ''}`} width={size} height={size} viewBox="0 0 16 16" {...paint} {...speech}>
      <path d={path} />
    </svg>
  )
}
