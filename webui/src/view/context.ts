import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Bell } from '../alarm/bell.ts'
import type { Client } from '../state/client.ts'
import type { Desk } from './desk.ts'

/** What main hands to every view: the client, the alarm, and what is open on the screen. */
export interface Hands {
  readonly client: Client
  readonly bell: Bell
  readonly desk: Desk
}

const Context = createContext<Hands | undefined>(undefined)

/** Gives the hands to all views below. */
export const HandsProvider = Context.Provider

/** The hands that main gave. A view outside of them is a mistake in the program. */
export function useHands(): Hands {
  const hands = useContext(Context)
  if (hands === undefined) {
    throw new Error('a view was rendered outside of HandsProvider')
  }
  return hands
}

export function useClient(): Client {
  return useHands().client
}

export function useBell(): Bell {
  return useHands().bell
}

export function useDesk(): Desk {
  return useHands().desk
}
