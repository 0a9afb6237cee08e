import { type ReadonlySignal, signal } from '@preact/signals'
import { local } from '../lib/storage.ts'

/** What the reader chose; system follows the device. */
export type Theme = 'system' | 'dark' | 'light'

const key = 'theme'

function stored(): Theme {
  return local.read(key, (x) => (x === 'dark' || x === 'light' ? x : undefined)) ?? 'system'
}

const chosen = signal<Theme>(stored())

/** The theme that this browser uses. */
export const theme: ReadonlySignal<Theme> = chosen

/** Uses a theme from now on, in this browser alone. */
export function chooseTheme(next: Theme): void {
  chosen.value = next
  if (next === 'system') local.remove(key)
  else local.write(key, next)
  applyTheme()
}

/** Puts the theme on the page; main calls it before the first drawing. */
export function applyTheme(): void {
  const root = document.documentElement
  if (chosen.peek() === 'system') delete root.dataset.theme
  else root.dataset.theme = chosen.peek()
}
