import { type ReadonlySignal, type Signal, signal } from '@preact/signals-core'
import type { Client } from '../state/client.ts'
import type { Core } from '../state/core.ts'
import { type Route, format } from '../state/route.ts'
import { names, told } from '../state/window.ts'
import { type Loose, isObject, number, text } from '../lib/guard.ts'
import { incidentId } from '../wire/brand.ts'
import type { Event, Incident, IncidentId } from '../wire/types.gen.ts'
import type { Leader } from './leader.ts'

/** Whether the browser shows notifications of this page. */
export type Permission = NotificationPermission | 'unsupported'

const settle = 900 // ms in which another tab may show that the message was read

/** An action of a notification, which the browser's own types leave out. */
interface Options extends NotificationOptions {
  readonly actions?: readonly { readonly action: string; readonly title: string }[]
  readonly renotify?: boolean
}

/**
 * Notifications of the desktop: for pages until they are over, and for mentions and direct messages that nobody looks
 * at. One tab of the device shows them; they go through the service worker, where one can acknowledge them.
 */
export class Notify {
  readonly #client: Client
  readonly #leader: Leader
  readonly #permission: Signal<Permission> = signal<Permission>('Notification' in globalThis ? Notification.permission : 'unsupported')
  readonly #open = new Map<string, Notification>()
  #worker: ServiceWorkerRegistration | undefined

  readonly permission: ReadonlySignal<Permission> = this.#permission

  constructor(client: Client, leader: Leader) {
    this.#client = client
    this.#leader = leader
  }

  /** Begins to follow what happens, and takes what the service worker hands on. */
  async start(): Promise<void> {
    this.#client.store.follow((event, before) => this.#hear(event, before))
    const workers: ServiceWorkerContainer | undefined = navigator.serviceWorker
    if (workers === undefined) return
    workers.addEventListener('message', (event) => this.#told(event.data))
    this.#worker = await workers.register(trusted('/sw.js')).catch(() => undefined)
    const status = await navigator.permissions?.query({ name: 'notifications' }).catch(() => undefined)
    status?.addEventListener('change', () => this.#look())
  }

  /** Asks for the permission. Call it inside a click. */
  async ask(): Promise<void> {
    if (this.#permission.peek() === 'unsupported') return
    await Notification.requestPermission()
    this.#look()
  }

  /** Shows that an incident rings; it stays until it is answered. */
  page(i: Incident): void {
    const body = i.firing > 1 ? `Critical. ${i.firing} alerts fire. Press A in Watchroom to acknowledge.` : 'Critical. Press A in Watchroom to acknowledge.'
    void this.#show(`#${i.id} ${i.title}`, {
      tag: pageTag(i.id), renotify: true, requireInteraction: true, body,
      data: { incident: i.id, hash: format({ page: 'incident', incident: i.id }) },
      actions: [{ action: 'ack', title: 'Acknowledge' }],
    })
  }

  /** Shows a low alert, once. */
  low(i: Incident): void {
    if (this.#leader.held.peek() !== 'here') return
    const hash = format({ page: 'incident', incident: i.id })
    void this.#show(`#${i.id} ${i.title}`, { tag: `low:${i.id}`, body: 'Low. It does not ring.', data: { hash } })
  }

  /** Takes the notification of a page away. */
  unpage(n: IncidentId): void {
    void this.#close(pageTag(n))
  }

  #look(): void {
    this.#permission.value = Notification.permission
  }

  #hear(event: Event, before: Core): void {
    if (event.kind !== 'message.posted' || this.#leader.held.peek() !== 'here') return
    const m = told(event)
    const view = before.rooms.get(m.room)
    const me = before.me?.id
    if (view === undefined || !view.joined || me === undefined || m.author === me || m.deleted !== undefined) return
    if (view.room.kind !== 'direct' && !names(m, me)) return
    setTimeout(() => {
      const now = this.#client.store.rooms.peek().get(m.room)
      if (now === undefined || now.mark.seq >= m.id || looksAt(this.#client.store.route.peek(), m.room)) return
      const { derived } = this.#client
      const from = m.as ?? derived.personName(m.author)
      const title = view.room.kind === 'direct' ? from : `${from} in ${derived.roomTitle(view)}`
      const hash = format({ page: 'message', message: m.id })
      void this.#show(title, { tag: `room:${m.room}`, renotify: true, body: derived.preview(m.text), data: { hash } })
    }, settle)
  }

  async #show(title: string, options: Options): Promise<void> {
    if (this.#permission.peek() !== 'granted') return
    try {
      if (this.#worker !== undefined && this.#worker.active !== null) {
        await this.#worker.showNotification(title, options)
        return
      }
      const { actions: _, ...plain } = options
      const shown = new Notification(title, plain)
      shown.onclick = () => {
        window.focus()
        this.#told(isObject(options.data) ? { t: 'open', ...options.data } : {})
        shown.close()
      }
      if (options.tag !== undefined) this.#open.set(options.tag, shown)
    } catch (err) {
      console.warn('watchroom: notification not shown', err) // Android wants a service worker for it
    }
  }

  async #close(tag: string): Promise<void> {
    this.#open.get(tag)?.close()
    this.#open.delete(tag)
    for (const n of (await this.#worker?.getNotifications({ tag }).catch(() => [])) ?? []) n.close()
  }

  /** What somebody clicked, here or at the service worker. */
  #told(data: unknown): void {
    const message: Loose = isObject(data) ? data : {}
    const n = number(message.incident)
    if (message.t === 'ack' && n !== undefined) {
      this.#client.actions.ack(incidentId(n)).catch((err: unknown) => {
        this.#client.actions.toast(err instanceof Error ? err.message : 'It was not acknowledged.', 'error')
      })
    }
    const hash = text(message.hash)
    if (message.t === 'open' && hash !== undefined && hash.startsWith('#/')) location.hash = hash
  }
}

function pageTag(n: IncidentId): string {
  return `page:${n}`
}

/** Whether the reader looks at this room in this tab now. */
function looksAt(route: Route, room: string): boolean {
  return route.page === 'room' && route.room === room && document.visibilityState === 'visible' && document.hasFocus()
}

interface Policies {
  readonly trustedTypes: { createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): string } }
}

function hasPolicies(x: object): x is Policies {
  return 'trustedTypes' in x
}

/** An address that the page's security policy accepts as a script's: ours, written here. */
function trusted(url: '/sw.js'): string {
  const page: object = globalThis
  return hasPolicies(page) ? page.trustedTypes.createPolicy('watchroom', { createScriptURL: (u) => u }).createScriptURL(url) : url
}
