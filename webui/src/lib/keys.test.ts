import { afterEach, expect, test } from 'vitest'
import { bind } from './keys.ts'

let undo: (() => void) | undefined
afterEach(() => {
  undo?.()
  document.body.replaceChildren()
})

function keyboard(keys: readonly string[], inField = false) {
  const pressed: string[] = []
  undo = bind(document, keys.map((k) => ({ keys: k, inField, run: () => pressed.push(k) })))
  const press = (key: string, init: KeyboardEventInit = {}, on: EventTarget = document.body) => {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, composed: true, ...init })
    event.getModifierState = (m) => Boolean({ Control: init.ctrlKey, Alt: init.altKey, Shift: init.shiftKey, Meta: init.metaKey }[m])
    on.dispatchEvent(event)
    return event
  }
  return { pressed, press }
}

// A combination runs only with exactly its modifiers.
test('combinations', () => {
  const { pressed, press } = keyboard(['a', '$mod+k', 'Alt+Shift+ArrowUp', '?'])
  press('a')
  press('a', { ctrlKey: true })
  press('k', { ctrlKey: true })
  press('k')
  press('ArrowUp', { altKey: true })
  press('ArrowUp', { altKey: true, shiftKey: true })
  press('?', { shiftKey: true })
  press('A', { shiftKey: true })
  expect(pressed).toEqual(['a', '$mod+k', 'Alt+Shift+ArrowUp', '?'])
})

// A sequence runs on its last key; a wrong key ends it and may begin another.
test('sequences', () => {
  const { pressed, press } = keyboard(['g i', 'g o', 'a'])
  press('g')
  press('i')
  press('i')
  press('g')
  press('a')
  press('g')
  press('g')
  press('o')
  expect(pressed).toEqual(['g i', 'a', 'g o'])
})

// Nothing runs while a field has the focus, unless the binding says so.
test('fields', () => {
  const field = document.createElement('textarea')
  document.body.append(field)
  const quiet = keyboard(['a'])
  quiet.press('a', {}, field)
  expect(quiet.pressed).toEqual([])
  undo?.()
  const loud = keyboard(['$mod+k'], true)
  loud.press('k', { ctrlKey: true }, field)
  expect(loud.pressed).toEqual(['$mod+k'])
})

// A key that ran is taken from the browser; a key that composes a character is left alone.
test('taking keys', () => {
  const { pressed, press } = keyboard(['a'])
  expect(press('b').defaultPrevented).toBe(false)
  expect(press('a').defaultPrevented).toBe(true)
  press('a', { isComposing: true })
  expect(pressed).toEqual(['a'])
})
