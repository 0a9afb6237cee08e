import type { JSX } from 'preact'
import { type Hands, HandsProvider, useClient } from './context.ts'
import { entryOf, pageOf, signIn } from './routes.tsx'
import { Shell } from './shell/Shell.tsx'

/** App is the whole screen: a page by the address, in the shell for whoever is signed in. */
export function App(props: { readonly hands: Hands }): JSX.Element {
  return (
    <HandsProvider value={props.hands}>
      <Screen />
    </HandsProvider>
  )
}

function Screen(): JSX.Element {
  const { store, session } = useClient()
  const route = store.route.value
  const entry = entryOf(route)
  if (entry !== undefined) {
    return entry
  }
  if (session.phase.value === 'signedOut') {
    return signIn()
  }
  if (session.phase.value === 'unknown' || store.me.value === undefined) {
    return (
      <div class="booting" role="status">
        <span>Watchroom</span>
      </div>
    )
  }
  return <Shell>{pageOf(route)}</Shell>
}
