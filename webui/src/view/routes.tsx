import type { JSX } from 'preact'
import type { Route } from '../state/route.ts'
import type { IncidentId } from '../wire/types.gen.ts'
import { lazy, whenIdle } from './parts/Lazy.tsx'
import { Skeleton } from './parts/Skeleton.tsx'
import { Home } from './room/Home.tsx'
import { RoomView } from './room/RoomView.tsx'

const incident = () => import('./incident/IncidentPanel.tsx')
const incidents = () => import('./pages/Incidents.tsx')
const incidentPage = () => import('./pages/IncidentPage.tsx')

const inMain = (content: JSX.Element): JSX.Element => <main class="main">{content}</main>
const alone = (content: JSX.Element): JSX.Element => <main class="gate">{content}</main>

const AckLink = lazy(() => import('./pages/AckLink.tsx').then((m) => m.AckLink), alone)
const Claim = lazy(() => import('./pages/Claim.tsx').then((m) => m.Claim), alone)
const Invite = lazy(() => import('./pages/Invite.tsx').then((m) => m.Invite), alone)
const Reset = lazy(() => import('./pages/Reset.tsx').then((m) => m.Reset), alone)
const SignIn = lazy(() => import('./pages/SignIn.tsx').then((m) => m.SignIn), alone)
const Checks = lazy(() => import('./pages/Checks.tsx').then((m) => m.Checks), inMain)
const Incidents = lazy(() => incidents().then((m) => m.Incidents), inMain)
const IncidentPage = lazy(() => incidentPage().then((m) => m.IncidentPage), inMain)
const IncidentPanel = lazy(() => incident().then((m) => m.IncidentPanel))
const SearchPage = lazy(() => import('./search/SearchPage.tsx').then((m) => m.SearchPage), inMain)
const OnCall = lazy(() => import('./pages/OnCall.tsx').then((m) => m.OnCall), inMain)
const Settings = lazy<{ readonly tab: string | undefined }>(() => import('./pages/Settings.tsx').then((m) => m.Settings), inMain)
const Admin = lazy<{ readonly tab: string | undefined }>(() => import('./pages/Admin.tsx').then((m) => m.Admin), inMain)

/** Fetches what an alarm needs before there is one. */
export function preload(): void {
  whenIdle(() => void Promise.all([incident(), incidents(), incidentPage()]).catch(() => undefined))
}

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
