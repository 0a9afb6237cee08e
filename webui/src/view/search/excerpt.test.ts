import { expect, test } from 'vitest'
import { segments } from '../../lib/text.ts'
import { excerpt } from './excerpt.ts'

// What is highlighted in the excerpt is what was highlighted in the whole text.
test('an excerpt keeps its hits', () => {
  const text = 'lorem ipsum '.repeat(100) + '🙂 needle' + ' dolor sit'.repeat(100)
  const at = text.indexOf('needle')
  const cut = excerpt(text, [[at, at + 6]])
  expect(segments(cut.text, cut.spans).filter((s) => s.hit)).toEqual([{ text: 'needle', hit: true }])
  expect(cut.text.length).toBeLessThan(600)
  expect(cut.cut).toEqual({ start: true, end: true })
})

// A short text is shown whole.
test('a short text stays whole', () => {
  expect(excerpt('short', [[0, 5]])).toEqual({ text: 'short', spans: [[0, 5]], cut: { start: false, end: false } })
})
