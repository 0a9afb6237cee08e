import { expect, test } from 'vitest'
import { readMatch, writeMatch } from './match.ts'

// What is written is read again as the same labels.
test('matchers survive being written', () => {
  for (const match of [
    { severity: 'critical' },
    { team: 'db', instance: '/web-.+/' },
    { note: 'two words', said: 'a "quoted" \\ thing', empty: '' },
    { path: '/a b|c/' },
  ]) {
    expect(readMatch(writeMatch(match))).toEqual({ match })
  }
})

// Commas, spaces and quotes may stand as people write them.
test('matchers are read as they are written', () => {
  expect(readMatch(' severity="critical", team = db ')).toEqual({ match: { severity: 'critical', team: 'db' } })
  expect(readMatch('job=/node.*/')).toEqual({ match: { job: '/node.*/' } })
})

// What cannot be meant is said, and nothing is guessed.
test('what is wrong is said', () => {
  for (const bad of ['', '   ', 'critical', '=x', 'severity critical', 'a=/(/']) {
    expect(readMatch(bad), bad).toHaveProperty('wrong')
  }
})
