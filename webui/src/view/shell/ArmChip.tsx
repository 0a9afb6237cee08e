import type { JSX } from 'preact'
import { useBell, useDesk } from '../context.ts'
import { Icon } from '../parts/Icon.tsx'

/** ArmChip always tells whether this browser can ring, and opens the dialog that arms it. */
export function ArmChip(): JSX.Element {
  const bell = useBell()
  const desk = useDesk()
  const { kind, words } = bell.badge.value
  const quiet = kind === 'off' || kind === 'blocked'
  return (
    <button class={`arm ${kind}`} type="button" title={words} onClick={() => desk.open({ kind: 'arm' })}>
      <Icon name={quiet ? 'bellOff' : 'bell'} size={14} />
      <span class="words">{words}</span>
    </button>
  )
}
