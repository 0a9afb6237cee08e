import { expect, test } from 'vitest'
import { commandName, fold, initials, plural, segments } from './text.ts'

// The segments are the text itself, cut where the spans say, whatever the spans are.
test('segments', () => {
  expect(segments('abcdef', [[1, 3], [4, 5]])).toEqual([
    { text: 'a', hit: false }, { text: 'bc', hit: true }, { text: 'd', hit: false }, { text: 'e', hit: true }, { text: 'f', hit: false },
  ])
  expect(segments('abc', [])).toEqual([{ text: 'abc', hit: false }])
  expect(segments('a\u{1f525}b', [[0, 2]]).map((s) => s.text)).toEqual(['a', '\u{1f525}b'])
  for (const spans of [[[2, 1]], [[-5, 99]], [[3, 3]], [[0, 4], [1, 2], [3, 6]], [[9, 12]]] as [number, number][][]) {
    expect(segments('a\u{1f525}cdef', spans).map((s) => s.text).join('')).toBe('a\u{1f525}cdef')
  }
})

// Only what is longer than the limit is folded, and nothing is lost of what is shown.
test('fold', () => {
  const lines = (n: number) => Array.from({ length: n }, (_, i) => `l${i}`).join('\n')
  expect(fold(lines(24))).toBeUndefined()
  expect(fold(lines(24) + '\n')).toBeUndefined()
  expect(fold(lines(25))).toEqual({ head: lines(24), hidden: 1 })
  expect(fold(lines(100))?.hidden).toBe(76)
})

// A slash makes a command only of a single word: a path is text.
test('commandName', () => {
  expect(commandName('/ack 12')).toBe('ack')
  expect(commandName('/Help')).toBe('help')
  for (const text of ['/var/log/syslog is full', '//', '/', '/ x', 'a /ack', '/1', '']) expect(commandName(text)).toBeUndefined()
})

// Names and numbers as people write them.
test('words', () => {
  expect([initials('Ann Lee'), initials('bo'), initials('  '), initials('\u00e9mile d\u2019or')]).toEqual(['AL', 'B', '', '\u00c9D'])
  expect([plural(1, 'alert'), plural(2, 'alert'), plural(0, 'reply', 'replies')]).toEqual(['1 alert', '2 alerts', '0 replies'])
})
