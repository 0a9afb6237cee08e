import { expect, test } from 'vitest'
import { accept, complete, type Sources } from './complete.ts'

const sources: Sources = {
  commands: [
    { name: 'page', usage: '/page <person> <text>', help: 'Page somebody', args: [{ name: 'person', kind: 'person', required: true }, { name: 'text', kind: 'text', many: true }] },
    { name: 'status', usage: '/status', help: 'What is up', args: [] },
    { name: 'silence', usage: '/silence <incident> <time>', help: 'Silence', args: [{ name: 'incident', kind: 'incident' }] },
  ],
  people: [{ insert: 'ana', name: 'Ana Diaz', also: 'ana' }, { insert: 'bo', name: 'Bo', also: 'bo' }],
  rooms: [{ insert: 'ops', name: 'ops' }, { insert: 'deploys', name: 'deploys' }],
  incidents: [{ insert: '142', name: '142 checkout' }],
}

const at = (text: string) => complete(text, text.length, sources)

// Each sign offers its own kind of thing, where a word begins.
test('what is offered depends on the word at the caret', () => {
  expect(at('/s')?.options.map((o) => o.insert)).toEqual(['/status ', '/silence '])
  expect(at('ask @a')?.options.map((o) => o.insert)).toEqual(['@ana '])
  expect(at('see #d')?.options.map((o) => o.insert)).toEqual(['#deploys '])
  expect(at('mail a@b')).toBeUndefined()
  expect(at('/var/log')).toBeUndefined()
})

// Arguments are completed by their kind, and the usage stays in view while the command is written.
test('arguments are offered by their kind', () => {
  expect(at('/page b')?.options.map((o) => o.insert)).toEqual(['@bo '])
  expect(at('/silence ')?.options.map((o) => o.insert)).toEqual(['142 '])
  expect(at('/page @bo the disk')?.usage?.name).toBe('page')
})

// Nothing in code is a command, a person or a room.
test('nothing is offered inside of code', () => {
  expect(at('`@a')).toBeUndefined()
  expect(at('```\n@a')).toBeUndefined()
})

// Taking an option replaces the word alone, without doubling the space after it.
test('an option takes the place of its word', () => {
  const text = 'hi @a there'
  const completion = complete(text, 5, sources)
  const option = completion?.options[0]
  if (completion === undefined || option === undefined) throw new Error('nothing offered')
  expect(accept(text, completion, option)).toEqual({ text: 'hi @ana there', caret: 7 })
})
