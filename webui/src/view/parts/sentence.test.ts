import { expect, test } from 'vitest'
import { sentence } from './sentence.ts'

// A message is a sentence whatever it was; the field's name is left out only where it begins the message.
test('messages become sentences', () => {
  expect(sentence('the handle or the password is wrong')).toBe('The handle or the password is wrong.')
  expect(sentence('password: needs at least 12 characters', 'password')).toBe('It needs at least 12 characters.')
  expect(sentence("address: of ntfy is the topic's whole URL", 'address')).toBe("Address of ntfy is the topic's whole URL.")
  expect(sentence('days: at most 30', 'days')).toBe('At most 30.')
  expect(sentence('name: ops is taken')).toBe('Name: ops is taken.')
  expect(sentence('Nothing was changed.', 'name')).toBe('Nothing was changed.')
  expect(sentence('été')).toBe('Été.')
})
