import type { JSX } from 'preact'
import type { Route } from '../state/route.ts'
import type { IncidentId } from '../wire/types.gen.ts'
import { IncidentPanel } from './incident/IncidentPanel.tsx'
import { AckLink } from './pages/AckLink.tsx'
import { Checks } from './pages/Checks.tsx'
import { Claim } from './pages/Claim.tsx'
import { IncidentPage } from './pages/IncidentPage.tsx'
import { Incidents } from './pages/Incidents.tsx'
import { Invite } from './pages/Invite.tsx'
import { Reset } from './pages/Reset.tsx'
import { SignIn } from './pages/SignIn.tsx'
import { lazy } from './parts/Lazy.tsx'
import { Skeleton } from './parts/Skeleton.tsx'
import { Home } from './room/Home.tsx'
import { RoomView } from './room/RoomView.tsx'

const SearchPage = lazy(() => import('./search/SearchPage.tsx').then((m) => m.SearchPage))
const OnCall = lazy(() => import('./pages/OnCall.tsx').then((m) => m.OnCall))
const Settings = lazy<{ readonly tab: string | undefined }>(() => import('./pages/Settings.tsx').then((m) => m.Settings))
const Admin = lazy<{ readonly tab: string | undefined }>(() => import('./pages/Admin.tsx').then((m) => m.Admin))

/** The pages that need nobody to be signed in: they are reached by a link with a secret in it. */
export function entryOf(route: Route): JSX.Element | undefined {
  switch (route.page) {
    case 'claim':
      return <Claim secret={route.secret} />
    case 'invite':
      return <Invite secret={route.secret} />
    case 'reset':
      return <Reset secret={route.secret} />
    case 'ack':
      return <AckLink secret={route.secret} />
    default:
      return undefined
  }
}

/** What is asked of whoever is not signed in. */
export function signIn(): JSX.Element {
  return <SignIn />
}

/** The page of a route, inside of the shell. */
export function pageOf(route: Route): JSX.Element {
  switch (route.page) {
    case 'home':
      return <Home />
    case 'room':
      return <RoomView route={route} />
    case 'incidents':
      return <Incidents state={route.state} />
    case 'incident':
      return <IncidentPage n={route.incident} />
    case 'search':
      return <SearchPage q={route.q} />
    case 'checks':
      return <Checks />
    case 'oncall':
      return <OnCall />
    case 'settings':
      return <Settings tab={route.tab} />
    case 'admin':
      return <Admin tab={route.tab} />
    case 'message':
    case 'claim':
    case 'invite':
    case 'reset':
    case 'ack':
      return (
        <main class="main">
          <Skeleton />
        </main>
      )
    default:
      return route satisfies never
  }
}

/** The incident beside its room. */
export function panelOf(incident: IncidentId): JSX.Element {
  return <IncidentPanel n={incident} />
}
