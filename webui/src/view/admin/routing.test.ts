import { expect, test } from 'vitest'
import { given, ruleDraft, rulesOf } from './routing.ts'

// A rule survives its form; what it leaves open stays open.
test('rules survive their form', () => {
  const rules = [{ match: { team: 'db', host: '/db-.+/' }, severity: 'critical' as const }, { match: { note: 'two words' } }]
  expect(rulesOf(rules.map(ruleDraft))).toEqual({ rules })
})

// The first rule that cannot be meant is named.
test('a wrong rule is named', () => {
  const open = { room: undefined, policy: undefined, team: undefined, severity: undefined }
  expect(rulesOf([{ match: 'a=b', ...open }, { match: 'nonsense', ...open }])).toEqual({ wrong: expect.stringContaining('Rule 2') })
})

// Only what is given is sent; an empty text and a zero are given.
test('what is left open is not sent', () => {
  expect(given({ a: undefined, b: '', c: 0, d: false })).toEqual({ b: '', c: 0, d: false })
})
