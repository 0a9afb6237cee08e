import type { PersonId, Policy, Rotation, Schedule, Step, Target, Unit, Window } from '../../wire/types.gen.ts'
import { moment, timestamp, wall } from './zone.ts'

/** A rotation as its form holds it: the start as the schedule's wall clock shows it. */
export interface Turn {
  readonly name: string
  readonly people: readonly PersonId[]
  readonly start: string
  readonly unit: Unit
  readonly length: string
  readonly only: readonly Window[]
}

const noStart = '0001-01-01T00:00:00Z' // what a rotation of one person may leave open

/** A rotation as its form shows it. */
export function turnOf(rotation: Rotation, zone: string): Turn {
  const at = Date.parse(rotation.start)
  return {
    name: rotation.name,
    people: rotation.people,
    start: Number.isNaN(at) || at <= 0 ? '' : wall(at, zone),
    unit: rotation.unit || 'weeks',
    length: String(rotation.length || 1),
    only: rotation.only ?? [],
  }
}

/** A fresh rotation: weekly, handed over on Monday at 9 of this week. */
export function freshTurn(now: number, zone: string, people: readonly PersonId[]): Turn {
  const day = 24 * 60 * 60 * 1000
  const monday = now - ((new Date(wall(now, zone) + 'Z').getUTCDay() + 6) % 7) * day
  return { name: '', people, start: wall(monday, zone).slice(0, 10) + 'T09:00', unit: 'weeks', length: '1', only: [] }
}

/** What a form's rotation means. One person without a start is always on call. */
export function rotationOf(turn: Turn, zone: string): Rotation {
  const start = moment(turn.start, zone)
  const only = turn.only.length === 0 ? {} : { only: turn.only }
  return {
    name: turn.name.trim(),
    people: turn.people,
    start: timestamp(start ?? Date.parse(noStart)),
    unit: turn.unit,
    length: Math.max(1, Math.trunc(Number(turn.length)) || 1),
    ...only,
  }
}

/** What is missing before a schedule can be kept, in words. */
export function missing(name: string, turns: readonly Turn[]): string | undefined {
  if (name.trim() === '') return 'Give the schedule a name.'
  for (const [i, turn] of turns.entries()) {
    const which = turns.length === 1 ? 'The rotation' : `Rotation ${i + 1}`
    if (turn.people.length === 0) return `${which} has no people.`
    if (turn.people.length > 1 && turn.start === '') return `${which} needs its first hand-over.`
  }
  return undefined
}

/** A schedule without its identity. */
export function freshSchedule(zone: string): Omit<Schedule, 'id'> {
  return { name: '', zone, rotations: [] }
}

/** A step as its form holds it. */
export interface StepDraft {
  readonly targets: readonly TargetKey[]
  readonly amount: string
  readonly unit: 'seconds' | 'minutes'
}

/** A target as one word, so that it can be chosen from a list: "s:" and a schedule, or "p:" and a person. */
export type TargetKey = `s:${string}` | `p:${string}`

/** The word for a target. */
export function targetKey(target: Target): TargetKey {
  return target.schedule !== undefined && target.schedule !== '' ? `s:${target.schedule}` : `p:${target.person ?? ''}`
}

/** A step as its form shows it; whole minutes are shown as minutes. */
export function stepDraft(step: Step): StepDraft {
  const minutes = step.after % 60 === 0
  return { targets: step.targets.map(targetKey), amount: String(minutes ? step.after / 60 : step.after), unit: minutes ? 'minutes' : 'seconds' }
}

/** What a form's step means, with the targets found among those that can be chosen. */
export function stepOf(draft: StepDraft, targets: ReadonlyMap<TargetKey, Target>): Step {
  const amount = Math.max(1, Math.trunc(Number(draft.amount)) || 1)
  return { targets: draft.targets.flatMap((key) => targets.get(key) ?? []), after: draft.unit === 'minutes' ? amount * 60 : amount }
}

/** A policy in one line: "default, 5 min → ann, 2 min → again". */
export function policyWords(policy: Pick<Policy, 'steps'>, name: (target: Target) => string): string {
  const steps = policy.steps.map((step) => `${step.targets.map(name).join(' and ')}, ${afterWords(step.after)}`)
  return [...steps, 'again'].join(' → ')
}

/** How long a step waits: "90 s", "5 min". */
export function afterWords(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`
}
