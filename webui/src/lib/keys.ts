/**
 * One thing that a key does. Keys are a combination such as "$mod+k" ($mod is Command on a Mac, else Control),
 * "Alt+Shift+ArrowUp" or "?", or a sequence of them such as "g i".
 */
export interface Binding {
  readonly keys: string
  readonly run: (event: KeyboardEvent) => void
  readonly inField?: boolean // works while somebody types in a field, too
}

interface Press {
  readonly key: string
  readonly mods: ReadonlySet<string>
}

const modifiers = ['Control', 'Alt', 'Shift', 'Meta'] as const
const patience = 1000 // ms between the keys of a sequence

function isMac(): boolean {
  return /Mac|iPhone|iPad/.test(globalThis.navigator?.userAgent ?? '')
}

function parse(keys: string): readonly Press[] {
  return keys.split(' ').map((combo) => {
    const parts = combo.split(/(?<=.)\+/)
    const key = parts.at(-1) ?? ''
    const mods = parts.slice(0, -1).map((m) => (m === '$mod' ? (isMac() ? 'Meta' : 'Control') : m))
    return { key: key.length === 1 ? key.toLowerCase() : key, mods: new Set(mods) }
  })
}

/** Shift is part of writing a character such as "?", so only letters and named keys ask for it. */
function fits(press: Press, event: KeyboardEvent): boolean {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  if (key !== press.key) return false
  const shiftless = key.length === 1 && key.toLowerCase() === key.toUpperCase()
  return modifiers.every((m) => (m === 'Shift' && shiftless) || event.getModifierState(m) === press.mods.has(m))
}

/** Whether the event comes from where somebody types. */
export function inField(event: Event): boolean {
  const target = event.composedPath()[0] ?? event.target
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}

/**
 * Runs bindings on the keys that reach target, until the function that it returns is called. While a field has the
 * focus only the bindings that say inField run, and none while an input method composes or after another handler took
 * the key. The first binding that fits wins; its default is prevented.
 */
export function bind(target: EventTarget, bindings: readonly Binding[]): () => void {
  const ready = bindings.map((b) => ({ binding: b, presses: parse(b.keys) }))
  let begun: readonly { binding: Binding; presses: readonly Press[] }[] = []
  let step = 0
  let last = 0
  const onKey = (event: Event) => {
    if (!(event instanceof KeyboardEvent) || event.isComposing || event.defaultPrevented) return
    if (modifiers.some((m) => m === event.key)) return
    const open = ready.filter(({ binding }) => binding.inField === true || !inField(event))
    const going = step > 0 && event.timeStamp - last < patience ? begun : []
    const at = going.length > 0 ? step : 0
    const next = (at > 0 ? going : open).filter((b) => open.includes(b) && fitsAt(b.presses, at, event))
    const found = next.length > 0 || at === 0 ? next : open.filter((b) => fitsAt(b.presses, 0, event))
    const depth = (next.length > 0 ? at : 0) + 1
    const done = found.find((b) => b.presses.length === depth)
    begun = done === undefined ? found : []
    step = begun.length > 0 ? depth : 0
    last = event.timeStamp
    if (done !== undefined) {
      event.preventDefault()
      done.binding.run(event)
    }
  }
  target.addEventListener('keydown', onKey)
  return () => target.removeEventListener('keydown', onKey)
}

function fitsAt(presses: readonly Press[], at: number, event: KeyboardEvent): boolean {
  const press = presses[at]
  return press !== undefined && fits(press, event)
}
