import { signal } from '@preact/signals'
import { render } from 'preact'
import { act } from 'preact/test-utils'
import { expect, test } from 'vitest'

// A signal read in a component re-renders it when the signal changes.
test('signals drive the view', async () => {
  const name = signal('one')
  function Name() {
    return <p>{name.value}</p>
  }
  const root = document.createElement('div')
  await act(() => render(<Name />, root))
  expect(root.textContent).toBe('one')
  await act(() => {
    name.value = 'two'
  })
  expect(root.textContent).toBe('two')
})
