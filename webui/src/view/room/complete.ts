import { commandName } from '../../lib/text.ts'
import type { CommandArg, CommandHelp } from '../../wire/types.gen.ts'
import { find } from '../shell/fuzzy.ts'

/** A thing that can be named in a message: what is shown, what is typed for it. */
export interface Option {
  readonly insert: string
  readonly name: string
  readonly also?: string
  readonly hint?: string
}

/** What a composer can complete. */
export interface Sources {
  readonly commands: readonly CommandHelp[]
  readonly people: readonly Option[] // insert without the @
  readonly rooms: readonly Option[] // insert without the #
  readonly incidents: readonly Option[]
}

/** The part of the text that would be replaced, by one of the options. */
export interface Completion {
  readonly from: number
  readonly to: number
  readonly options: readonly Option[]
  /** the command that is being written, to show how it is used */
  readonly usage?: CommandHelp
}

const limit = 8

/** What may be meant at the caret; undefined when there is nothing to offer. */
export function complete(text: string, caret: number, sources: Sources): Completion | undefined {
  if (inCode(text, caret)) return undefined
  const from = wordStart(text, caret)
  const word = text.slice(from, caret)
  const sign = word[0]
  if (from === 0 && sign === '/' && !word.slice(1).includes('/')) {
    return offer(from, caret, find(word.slice(1), sources.commands.map(commandOption), limit), exactCommand(word, sources))
  }
  const command = sources.commands.find((c) => c.name === commandName(text))
  const fromArg = command === undefined ? undefined : argument(command, text, from, caret, sources)
  if (fromArg !== undefined) return fromArg
  if (sign === '@') return offer(from, caret, prefixed('@', find(word.slice(1), sources.people, limit)))
  if (sign === '#') return offer(from, caret, prefixed('#', find(word.slice(1), sources.rooms, limit)))
  return command === undefined ? undefined : { from, to: caret, options: [], usage: command }
}

function exactCommand(word: string, sources: Sources): CommandHelp | undefined {
  return sources.commands.find((c) => '/' + c.name === word)
}

function commandOption(command: CommandHelp): Option {
  return { insert: `/${command.name} `, name: command.name, hint: command.help }
}

function argument(command: CommandHelp, text: string, from: number, caret: number, sources: Sources): Completion | undefined {
  const typed = text.slice(0, from).trim().split(/\s+/).length - 1
  const last = command.args.at(-1)
  const arg = command.args[typed] ?? (last?.many === true ? last : undefined)
  if (arg === undefined) return undefined
  const word = text.slice(from, caret)
  const options = find(word.replace(/^[@#]/, ''), optionsOf(arg, sources), limit)
  return options.length === 0 ? undefined : { from, to: caret, options, usage: command }
}

function optionsOf(arg: CommandArg, sources: Sources): readonly Option[] {
  switch (arg.kind) {
    case 'person':
      return prefixed('@', sources.people)
    case 'room':
      return prefixed('#', sources.rooms)
    case 'incident':
      return sources.incidents.map((option) => ({ ...option, insert: option.insert + ' ' }))
    case 'choice':
      return (arg.choices ?? []).map((choice) => ({ insert: choice + ' ', name: choice }))
    case 'duration':
    case 'word':
    case 'text':
      return []
    default:
      return arg.kind satisfies never
  }
}

function prefixed(sign: string, options: readonly Option[]): readonly Option[] {
  return options.map((option) => ({ ...option, insert: `${sign}${option.insert} ` }))
}

function offer(from: number, to: number, options: readonly Option[], usage?: CommandHelp): Completion | undefined {
  if (options.length === 0) return undefined
  return usage === undefined ? { from, to, options } : { from, to, options, usage }
}

function wordStart(text: string, caret: number): number {
  let at = caret
  while (at > 0 && !/[\s(]/.test(text[at - 1] ?? '')) at--
  return at
}

/** Whether the caret stands inside of a code block or of code in a line: nothing there means anything. */
function inCode(text: string, caret: number): boolean {
  const before = text.slice(0, caret)
  const fences = before.match(/^ {0,3}```/gm)?.length ?? 0
  if (fences % 2 === 1) return true
  const line = before.slice(before.lastIndexOf('\n') + 1)
  return (line.match(/`/g)?.length ?? 0) % 2 === 1
}

/** The text with an option in its place, and where the caret stands then. */
export function accept(text: string, completion: Completion, option: Option): { readonly text: string; readonly caret: number } {
  const rest = text.slice(completion.to)
  const insert = rest.startsWith(' ') && option.insert.endsWith(' ') ? option.insert.slice(0, -1) : option.insert
  return { text: text.slice(0, completion.from) + insert + rest, caret: completion.from + insert.length }
}
