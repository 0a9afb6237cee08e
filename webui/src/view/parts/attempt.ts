import type { Actions } from '../../state/actions.ts'
import { words } from '../../wire/http.ts'

/** Says in a toast why something that was begun by a key or a choice did not work. */
export function attempt(actions: Actions, work: Promise<unknown>): void {
  work.catch((error: unknown) => actions.toast(words(error), 'error'))
}
