import { expect, test } from 'vitest'
import { advice, reachable, senders, snippets } from './snippets.ts'

const local = 'http://127.0.0.1:8080/in/alertmanager/secret'
const open = 'https://watch.example.org/in/alertmanager/secret'

// An address is one that can be reached from where the sender runs, or it is said that there is none.
test('addresses are reachable from where the sender runs', () => {
  expect(reachable(local, 'here')).toBe(local)
  expect(reachable(local, 'container')).toBe('http://host.docker.internal:8080/in/alertmanager/secret')
  expect(reachable(local, 'elsewhere')).toBeUndefined()
  expect(advice(local, 'elsewhere')).toContain('public_url')
  for (const where of ['here', 'container', 'elsewhere'] as const) {
    expect(reachable(open, where)).toBe(open)
    expect(advice(open, where)).toBeUndefined()
  }
})

// The pager that is in charge stays: what comes here goes on to it, and the rehearsal rings without waiting.
test('Alertmanager keeps its own pager', () => {
  const [config, check, fire] = snippets({ kind: 'alertmanager', url: local, key: 'secret' }, 'here')
  for (const line of ['continue: true', 'group_wait: 0s', 'group_interval: 10s', 'receiver: present', `url: '${local}'`]) {
    expect(config?.text).toContain(line)
  }
  expect(config?.text.indexOf('continue: true')).toBeLessThan(config?.text.lastIndexOf('receiver: present') ?? 0)
  expect(check?.text).toContain('amtool check-config')
  expect(fire?.text).toContain('severity=critical')
})

// Every sender is told its own key and an address, and nobody another's.
test('every sender has something to paste', () => {
  for (const { kind } of senders) {
    const all = snippets({ kind, url: open, key: 'k3y' }, 'elsewhere')
    expect(all.length).toBeGreaterThan(1)
    expect(all.some(({ text }) => text.includes(open))).toBe(true)
  }
})
