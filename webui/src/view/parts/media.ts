import { type ReadonlySignal, signal } from '@preact/signals'

/** Whether a media query holds, kept current; false where the browser cannot tell. */
function media(query: string): ReadonlySignal<boolean> {
  const list = globalThis.matchMedia?.(query)
  const now = signal(list?.matches ?? false)
  list?.addEventListener('change', (e) => {
    now.value = e.matches
  })
  return now
}

/** One column: the phone. */
export const phone: ReadonlySignal<boolean> = media('(max-width: 719px)')

/** The context panel is a drawer. */
export const narrow: ReadonlySignal<boolean> = media('(max-width: 1099px)')
