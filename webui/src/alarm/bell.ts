import { type ReadonlySignal, type Signal, computed, effect, signal } from '@preact/signals-core'
import type { Client } from '../state/client.ts'
import type { Incident, IncidentId } from '../wire/types.gen.ts'
import { type Sound, chime, sound } from './alarm.ts'
import { Arm } from './arm.ts'
import { Horn } from './horn.ts'
import { Leader } from './leader.ts'
import { Notify } from './notify.ts'
import { Report } from './report.ts'
import { keepTitle } from './title.ts'

/** What the persistent chip says of this browser. */
export interface Badge {
  readonly kind: 'proven' | 'armed' | 'off' | 'blocked'
  readonly words: string
}

/** The alarm of this tab. */
export interface Bell {
  readonly badge: ReadonlySignal<Badge>
  readonly arm: Arm
  readonly notify: Notify
  readonly sounding: ReadonlySignal<'critical' | 'none'>
  readonly leading: ReadonlySignal<boolean>
  readonly start: () => void
}

/** Joins the horn, the lock, the arm step, the notifications and the reports; nothing runs until start. */
export function createBell(client: Client): Bell {
  const { store, derived } = client
  const horn = new Horn()
  const arm = new Arm(horn, store.now)
  const ringer = new Leader('watchroom-ringer')
  const notifier = new Leader('watchroom-notifier')
  const notify = new Notify(client, notifier)
  const report = new Report(client, { arm, horn, leader: ringer, permission: () => notify.permission.peek() })
  const sounding: Signal<'critical' | 'none'> = signal<'critical' | 'none'>('none')

  const plan = computed<Sound>(() =>
    sound({ incidents: store.incidents.value, me: store.me.value?.id, now: store.now.value, ready: arm.ready.value, held: ringer.held.value }),
  )
  const badge = computed<Badge>(() => {
    if (ringer.held.value === 'elsewhere' && !arm.ready.value) return { kind: 'armed', words: 'Armed in another tab' }
    const state = arm.state.value
    switch (state.kind) {
      case 'off':
        return { kind: 'off', words: 'Sound off - arm' }
      case 'blocked':
        return { kind: 'blocked', words: 'Sound blocked' }
      case 'testing':
      case 'asking':
        return { kind: 'armed', words: 'Did you hear it?' }
      case 'armed':
        return state.proven === undefined ? { kind: 'armed', words: 'Armed, not proven' } : { kind: 'proven', words: 'Armed' }
      default:
        return state satisfies never
    }
  })

  let last = ''
  const act = (now: Sound): void => {
    const words = JSON.stringify(now)
    if (words === last) return
    last = words
    sounding.value = now.t === 'critical' ? 'critical' : 'none'
    switch (now.t) {
      case 'critical':
        horn.ring()
        return report.ringing(now.incidents)
      case 'mute':
        horn.hush()
        return report.mute(now.incidents)
      case 'nothing':
        horn.hush()
        return report.ringing([])
      default:
        return now satisfies never
    }
  }

  const start = (): void => {
    keepTitle(client)
    client.sounds(() => report.playing())
    ringer.start()
    notifier.start()
    notifier.compete()
    void notify.start()
    void arm.restore(globalThis.window)
    effect(() => (arm.ready.value && store.me.value !== undefined ? ringer.compete() : ringer.leave()))
    effect(() => act(plan.value))
    effect(() => pages(notifier.held.value === 'here' ? derived.ringing.value : []))
    effect(() => {
      void [arm.ready.value, arm.proven.value, arm.state.value, ringer.held.value, notify.permission.value]
      report.armed()
    })
    effect(() => {
      if (!live.value) return
      report.anew()
      last = ''
      act(plan.peek())
    })
    document.addEventListener('visibilitychange', () => report.armed())
    document.addEventListener('freeze', () => report.freeze(true))
    document.addEventListener('resume', () => report.freeze(false))
    store.follow((event, before) => {
      const what = chime(event, before.incidents, before.me?.id)
      if (what !== undefined && arm.ready.peek() && ringer.held.peek() === 'here') void horn.once(what)
      const low = what === 'low' && event.kind === 'page.changed' ? before.incidents.get(event.body.page.incident) : undefined
      if (low !== undefined) notify.low(low)
    })
  }
  const live = computed(() => store.connection.value.phase === 'live')

  let shown: readonly IncidentId[] = []
  const pages = (ringing: readonly Incident[]): void => {
    for (const n of shown) if (!ringing.some((i) => i.id === n)) notify.unpage(n)
    for (const i of ringing) if (!shown.includes(i.id)) notify.page(i)
    shown = ringing.map((i) => i.id)
  }
  return { badge, arm, notify, sounding, leading: computed(() => ringer.held.value === 'here'), start }
}
