import { batch, effect } from '@preact/signals-core'
import { tab } from '../lib/storage.ts'
import { type Api, createApi } from '../wire/api.ts'
import type { Incoming } from '../wire/frames.ts'
import { createHttp, words } from '../wire/http.ts'
import { type Connection, Socket } from '../wire/socket.ts'
import type { Event, IncidentId, Millis, SignalFrame, WelcomeFrame } from '../wire/types.gen.ts'
import { Actions } from './actions.ts'
import { close, marked, ready } from './apply.ts'
import type { Core } from './core.ts'
import { Derived } from './derived.ts'
import { agent, thisDevice, thisTab } from './device.ts'
import { Drafts } from './drafts.ts'
import { Histories } from './histories.ts'
import { Lists } from './lists.ts'
import { Marks } from './marks.ts'
import { Outbox } from './outbox.ts'
import { format, parse } from './route.ts'
import { Session } from './session.ts'
import { Store } from './state.ts'

/** The client without its face and its voice: what views read, and what they call. */
export interface Client {
  readonly store: Store
  readonly derived: Derived
  readonly session: Session
  readonly actions: Actions
  readonly outbox: Outbox
  readonly drafts: Drafts
  readonly histories: Histories
  readonly lists: Lists
  readonly api: Api
  readonly socket: Socket
  /** Asks each time that the socket answers a ping what sounds at that moment. */
  readonly sounds: (ask: () => readonly IncidentId[]) => void
  /** Signs in by the cookies that are there, and connects. */
  readonly start: () => Promise<void>
}

/** Builds the parts and joins them; nothing runs until start. */
export function createClient(): Client {
  const store = new Store()
  const api = createApi(createHttp())
  const drafts = new Drafts()
  let playing: () => readonly IncidentId[] = () => []
  let skew = 0

  const socket: Socket = new Socket({
    url: location.origin.replace(/^http/, 'ws') + '/api/v1/socket',
    WebSocket: globalThis.WebSocket,
    who: () => ({ device: thisDevice(), tab: thisTab, agent: agent() }),
    authorise: () => session.authorise(),
    onFrame: (frame) => batch(() => take(frame)),
    onConnection: (c) => connection(c),
    playing: () => playing(),
  })
  const outbox = new Outbox({ send: (frame) => socket.send(frame), shelf: tab, later: (fn, ms) => void setTimeout(fn, ms) })
  const marks = new Marks(store, socket)
  const lists = new Lists(api, store)
  const session = new Session(api, {
    onIn: () => socket.start(),
    onOut: (chosen) => {
      socket.stop()
      store.clear()
      if (chosen) drafts.clear()
    },
  })
  const actions = new Actions({ api, socket, store, outbox, lists, marks })

  const connection = (c: Connection) => {
    store.setConnection(c)
    if (c.phase === 'waiting' || c.phase === 'stopped') outbox.landed()
    if (c.phase === 'live') {
      outbox.flush()
      marks.flush()
    }
    if (c.phase === 'stopped' && c.why === 'unsigned') session.leave()
  }
  const clock = (server: Millis) => {
    skew = server - Date.now()
    store.setNow(server)
  }
  const welcome = (frame: WelcomeFrame) => {
    const { snapshot, me } = frame
    clock(frame.time)
    if (snapshot === undefined) {
      store.update((core) => ({ ...core, me }))
    } else {
      store.restart(snapshot)
    }
    outbox.open(me.id)
    if (snapshot !== undefined) {
      outbox.caughtUp(snapshot.at)
      lists.refresh()
    }
  }
  const take = (frame: Incoming): void => {
    switch (frame.t) {
      case 'hello':
        return welcome(frame)
      case 'event':
        store.hear(frame)
        return outbox.heard(frame)
      case 'ok':
        return outbox.accepted(frame, store.core.peek().at)
      case 'error':
        return outbox.refused(frame)
      case 'ephemeral':
        return store.addEphemeral({ nonce: frame.nonce, room: frame.room, text: frame.text, time: Date.now() + skew })
      case 'ping':
        clock(frame.time)
        store.update((core) => ({ ...core, at: frame.at > core.at ? frame.at : core.at }))
        return outbox.caughtUp(frame.at)
      case 'signal':
        return store.update((core) => signalled(core, frame))
      case 'unknown':
        return
      default:
        return frame satisfies never
    }
  }

  const start = (): Promise<void> => {
    const route = () => {
      const next = parse(location.hash)
      if (format(next) !== format(store.route.peek())) store.setRoute(next)
    }
    route()
    addEventListener('hashchange', route)
    socket.listen(globalThis.window)
    marks.listen(globalThis.window)
    tick(() => store.setNow(Date.now() + skew))
    store.follow((event) => reappeared(event, store, lists))
    effect(() => {
      const shown = store.route.value
      if (shown.page !== 'message' || session.phase.value !== 'signedIn') return
      actions.openMessage(shown.message).catch((err: unknown) => {
        actions.toast(words(err), 'error')
        actions.go({ page: 'home' })
      })
    })
    return session.start()
  }
  const sounds = (ask: () => readonly IncidentId[]) => {
    playing = ask
  }
  return { store, derived: new Derived(store, outbox), session, actions, outbox, drafts, histories: new Histories(api, store), lists, api, socket, sounds, start }
}

function signalled(core: Core, frame: SignalFrame): Core {
  switch (frame.kind) {
    case 'mark':
      return marked(core, frame.body)
    case 'readiness':
      return ready(core, frame.body)
    case 'closed':
      return close(core, frame.body)
    default:
      return frame satisfies never
  }
}

/** A room that was archived is in no snapshot; when it is opened again, it is fetched. */
function reappeared(event: Event, store: Store, lists: Lists): void {
  if (event.kind !== 'room.changed' || event.body.room.archived === true) return
  const { room } = event.body
  if (!store.rooms.peek().has(room.id)) lists.room(room.id).catch(() => undefined) // not for this person's eyes
}

/** Runs fn every second while the page is visible. */
function tick(fn: () => void): void {
  let timer: ReturnType<typeof setInterval> | undefined
  const set = () => {
    clearInterval(timer)
    timer = undefined
    if (document.visibilityState !== 'visible') return
    fn()
    timer = setInterval(fn, 1000)
  }
  document.addEventListener('visibilitychange', set)
  set()
}
