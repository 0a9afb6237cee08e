import { afterEach, expect, test } from 'vitest'
import { applyTheme, chooseTheme, theme } from './theme.ts'

afterEach(() => chooseTheme('system'))

// A chosen theme is on the page and is kept by the browser; the system's own leaves nothing behind.
test('a theme is put on the page', () => {
  chooseTheme('light')
  expect(document.documentElement.dataset.theme).toBe('light')
  expect(theme.value).toBe('light')
  expect(localStorage.getItem('wr:theme')).toBe('"light"')
  chooseTheme('system')
  applyTheme()
  expect(document.documentElement.dataset.theme).toBeUndefined()
  expect(localStorage.getItem('wr:theme')).toBeNull()
})
