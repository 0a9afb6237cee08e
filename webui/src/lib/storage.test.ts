import { expect, test } from 'vitest'
import { text } from './guard.ts'
import { shelf } from './storage.ts'

// What was written is read again, unless it is not what the reader expects.
test('storage', () => {
  const s = shelf(() => localStorage)
  s.write('a', 'x')
  expect(s.read('a', text)).toBe('x')
  s.write('a', 3)
  expect(s.read('a', text)).toBeUndefined()
  localStorage.setItem('wr:a', '{broken')
  expect(s.read('a', text)).toBeUndefined()
  s.remove('a')
  expect(localStorage.getItem('wr:a')).toBeNull()
})

// Where the browser refuses storage, values live as long as the page.
test('without storage', () => {
  const s = shelf(() => {
    throw new DOMException('denied', 'SecurityError')
  })
  s.write('a', 'x')
  expect(s.read('a', text)).toBe('x')
  s.remove('a')
  expect(s.read('a', text)).toBeUndefined()
})
