import type { IntegrationInput } from '../../wire/rest.ts'
import type { Integration, PolicyId, RoomId, Rule, Severity, TeamId } from '../../wire/types.gen.ts'
import { readMatch, writeMatch } from './match.ts'

/** A rule as its form holds it. */
export interface RuleDraft {
  readonly match: string
  readonly room: RoomId | undefined
  readonly policy: PolicyId | undefined
  readonly team: TeamId | undefined
  readonly severity: Severity | undefined
}

/** A rule as its form shows it. */
export function ruleDraft(rule: Rule): RuleDraft {
  return { match: writeMatch(rule.match), room: rule.room, policy: rule.policy, team: rule.team, severity: rule.severity }
}

/** What a form's rules mean, or what is wrong with the first one that cannot be meant. */
export function rulesOf(drafts: readonly RuleDraft[]): { readonly rules: readonly Rule[] } | { readonly wrong: string } {
  const rules: Rule[] = []
  for (const [i, draft] of drafts.entries()) {
    const read = readMatch(draft.match)
    if ('wrong' in read) return { wrong: `Rule ${i + 1}: ${read.wrong}` }
    rules.push({ match: read.match, ...given({ room: draft.room, policy: draft.policy, team: draft.team, severity: draft.severity }) })
  }
  return { rules }
}

/** T without what is undefined. */
export type Only<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** What is not left open. */
export function given<T extends object>(values: T): Only<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Only<T>
}

/** What is sent to change an integration: all that can be changed, as it is, with some of it changed. */
export function inputOf(integration: Integration, changes: Partial<IntegrationInput> = {}): IntegrationInput {
  const { kind, name, service, team, room, policy, rules, shadow, endAfter, lockRoom } = integration
  return { kind, name, team, room, policy, ...given({ service, rules, shadow, endAfter, lockRoom }), ...changes }
}
