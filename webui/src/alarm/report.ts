import type { Client } from '../state/client.ts'
import { agent, isPhone, thisDevice } from '../state/device.ts'
import type { ArmedState, IncidentId } from '../wire/types.gen.ts'
import type { Arm, ArmState } from './arm.ts'
import type { Horn } from './horn.ts'
import type { Leader } from './leader.ts'
import type { Permission } from './notify.ts'

/** What a report is made of. */
export interface Facts {
  readonly arm: Arm
  readonly horn: Horn
  readonly leader: Leader
  readonly permission: () => Permission
}

const proveAfter = 0.12 // s of the audio clock until the siren must be heard in the signal
const proveAgain = 0.6

/**
 * What the server hears of this device: whether it can ring, on every change, and that it does ring, once the audio
 * clock moved and the signal is not silent. The tab that has the ringer speaks for the device; when no tab has it, each
 * says that it cannot ring.
 */
export class Report {
  readonly #client: Client
  readonly #facts: Facts
  #said = ''
  #frozen = false
  #sounding: readonly IncidentId[] = []
  #told = new Set<IncidentId>() // whose playing was told
  #muted = new Set<IncidentId>() // whose silence was told

  constructor(client: Client, facts: Facts) {
    this.#client = client
    this.#facts = facts
  }

  /** Says what holds now, if it is not what was said last. */
  armed(): void {
    const state = this.state()
    if (state === undefined) return
    const words = JSON.stringify(state)
    if (words === this.#said) return
    if (this.#client.socket.send({ t: 'armed', state })) this.#said = words
  }

  /** Forgets what was said, for another connection, and says how it stands. */
  anew(): void {
    this.#said = ''
    this.#told.clear()
    this.#muted.clear()
    this.armed()
  }

  /** The browser is about to freeze this tab, or thawed it. */
  freeze(frozen: boolean): void {
    this.#frozen = frozen
    this.armed()
  }

  /** What this tab says of the device; undefined when another tab speaks for it. */
  state(): ArmedState | undefined {
    const { arm, leader, permission } = this.#facts
    const held = leader.held.peek()
    if (held === 'elsewhere') return undefined
    const hidden = document.visibilityState !== 'visible'
    const phone = isPhone()
    const able = held === 'here' && arm.ready.peek() && !(phone && hidden) && !this.#frozen
    const why = able ? undefined : phone && hidden ? 'the page is hidden on a phone' : this.#frozen ? 'the browser froze the tab' : reason(arm.state.peek())
    const proven = arm.proven.peek()
    return {
      device: thisDevice(), armed: able, notify: permission(), agent: agent(), hidden, phone,
      ...(able && proven !== undefined ? { proven } : {}), ...(why === undefined ? {} : { why }),
    }
  }

  /** These sound in this tab now: tells each when it is sure. */
  ringing(incidents: readonly IncidentId[]): void {
    const fresh = incidents.filter((n) => !this.#told.has(n))
    this.#sounding = incidents
    this.#told = new Set([...this.#told].filter((n) => incidents.includes(n)))
    this.#muted.clear()
    if (fresh.length === 0) return
    for (const incident of fresh) this.#client.socket.send({ t: 'received', incident })
    this.#prove(fresh, proveAfter, true)
  }

  /** These should sound on this device, and no tab of it can. */
  mute(incidents: readonly IncidentId[]): void {
    this.#sounding = []
    this.#told.clear()
    const { arm, horn } = this.#facts
    const audio = horn.state.peek()
    const why = arm.ready.peek() ? `the audio is ${audio}` : reason(arm.state.peek())
    for (const incident of incidents) {
      if (this.#muted.has(incident)) continue
      if (this.#client.socket.send({ t: 'silent', incident, why })) this.#muted.add(incident)
    }
  }

  /** What can be heard at this very moment. */
  playing(): readonly IncidentId[] {
    return this.#sounding.length > 0 && this.#facts.horn.rms() > 0 ? this.#sounding : []
  }

  #prove(incidents: readonly IncidentId[], after: number, again: boolean): void {
    const { horn, arm } = this.#facts
    horn.prove(after, ({ time, moved, rms }) => {
      const still = incidents.filter((n) => this.#sounding.includes(n))
      if (still.length === 0) return
      if (moved && rms > 0) {
        for (const incident of still) {
          if (this.#client.socket.send({ t: 'playing', incident, proven: arm.proven.peek() !== undefined, time })) this.#told.add(incident)
        }
      } else if (again) {
        this.#prove(still, proveAgain, false)
      } else {
        for (const incident of still) this.#client.socket.send({ t: 'silent', incident, why: 'the siren is on and nothing comes out of it' })
      }
    })
  }
}

/** Why it cannot ring, in words. */
function reason(state: ArmState): string {
  switch (state.kind) {
    case 'off':
      return state.why ?? 'the sound is off in this browser'
    case 'blocked':
      return state.why
    case 'testing':
    case 'asking':
    case 'armed':
      return 'another tab takes over'
    default:
      return state satisfies never
  }
}
