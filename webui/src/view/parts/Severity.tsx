import type { JSX } from 'preact'
import { Icon, type IconName } from './Icon.tsx'

/** What a severity or a state looks like: a shape, a word and a colour, always together. */
export type Tone = 'critical' | 'high' | 'low' | 'info' | 'ok'

const shape: Readonly<Record<Tone, IconName>> = { critical: 'octagon', high: 'triangle', low: 'diamond', info: 'circle', ok: 'check' }

/** SeverityIcon is the shape alone, for a row that says the word elsewhere. */
export function SeverityIcon(props: { readonly tone: Tone; readonly size?: number; readonly pulse?: boolean }): JSX.Element {
  return (
    <span class={`sev ${props.tone}`}>
      <Icon name={shape[props.tone]} size={props.size ?? 14} label={props.tone} class={props.pulse === true ? 'pulse' : ''} />
    </span>
  )
}

/** SeverityWord is shape and word. */
export function SeverityWord(props: { readonly tone: Tone; readonly word?: string; readonly caps?: boolean }): JSX.Element {
  return (
    <span class={`sev ${props.tone} ${props.caps === true ? 'caps' : ''}`}>
      <Icon name={shape[props.tone]} size={12} />
      {props.word ?? props.tone}
    </span>
  )
}
