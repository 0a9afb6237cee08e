import { type ReadonlySignal, useSignal } from '@preact/signals'
import { commandName } from '../../lib/text.ts'
import { words } from '../../wire/http.ts'
import type { File, RoomId, Seq } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { bytesOf, maxBytes } from './paste.ts'

/** Why a text stayed in the composer. */
export type Refusal =
  | { readonly kind: 'long'; readonly text: string; readonly bytes: number }
  | { readonly kind: 'command'; readonly text: string; readonly message: string; readonly suggest: readonly string[]; readonly unknown: boolean }

/** What sends the composer's text. */
export interface Sender {
  readonly refusal: ReadonlySignal<Refusal | undefined>
  /** Sends a text as a message or as a command; false when it stays. An unknown command sent again is a message. */
  readonly send: (text: string, files: readonly File[]) => Promise<boolean>
}

/** useSend is the way from a composer into its room. */
export function useSend(room: RoomId, thread: Seq | undefined): Sender {
  const { actions, store } = useClient()
  const refusal = useSignal<Refusal | undefined>(undefined)
  const place = thread === undefined ? {} : { thread }
  const post = (text: string, files: readonly File[]): true => {
    refusal.value = undefined
    actions.post(room, text, files.length === 0 ? place : { ...place, files })
    return true
  }
  const command = async (text: string, name: string): Promise<boolean> => {
    const refuse = (message: string, suggest: readonly string[]): false => {
      refusal.value = { kind: 'command', text, message, suggest, unknown: !store.commands.peek().some((one) => one.name === name) }
      return false
    }
    try {
      const result = await actions.command(room, text, place)
      if (!result.ok) return refuse(result.message, result.suggest)
      refusal.value = undefined
      return true
    } catch (error) {
      return refuse(words(error), [])
    }
  }
  return {
    refusal,
    send: async (text, files) => {
      const bytes = bytesOf(text)
      if (bytes > maxBytes) {
        refusal.value = { kind: 'long', text, bytes }
        return false
      }
      const name = files.length === 0 ? commandName(text) : undefined
      const before = refusal.peek()
      const again = before?.kind === 'command' && before.unknown && before.text === text
      return name === undefined || again ? post(text, files) : command(text, name)
    },
  }
}
