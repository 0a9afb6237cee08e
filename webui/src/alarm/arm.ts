import { type ReadonlySignal, type Signal, computed, signal } from '@preact/signals-core'
import { isObject, number, text } from '../lib/guard.ts'
import { type Shelf, local } from '../lib/storage.ts'
import { millis } from '../wire/brand.ts'
import type { Millis } from '../wire/types.gen.ts'
import type { Horn } from './horn.ts'

/** How far this tab is from being able to ring. */
export type ArmState =
  | { readonly kind: 'off'; readonly why?: string }
  | { readonly kind: 'testing' } // the tone sounds
  | { readonly kind: 'asking' } // "Did you hear it?"
  | { readonly kind: 'armed'; readonly proven?: Millis } // proven: when its owner last heard this output, within a day
  | { readonly kind: 'blocked'; readonly why: string }

const provenFor = 24 * 3600_000
const armedKey = 'armed'
const provenKey = 'proven'
const sinkKey = 'sink'

/**
 * The step by which somebody lets this browser ring: a click unlocks the audio, a tone sounds, and its owner says
 * whether it was heard. That it was wanted is remembered by the browser; that it works is found out each time.
 */
export class Arm {
  readonly #horn: Horn
  readonly #shelf: Shelf
  readonly #wanted: Signal<boolean> = signal(false)
  readonly #step: Signal<'none' | 'testing' | 'asking'> = signal<'none' | 'testing' | 'asking'>('none')
  readonly #tried: Signal<boolean> = signal(false) // a click was there, so that what is suspended now is blocked
  readonly #proofs: Signal<ReadonlyMap<string, Millis>> = signal(new Map())
  readonly #sink: Signal<string> = signal('')
  readonly #now: ReadonlySignal<number>

  /** Whether this tab can make a sound and may: then it competes to be the one that rings. */
  readonly ready: ReadonlySignal<boolean> = computed(() => this.#wanted.value && this.#horn.state.value === 'running')

  /** When the owner last confirmed hearing the output that is used, if that was within a day. */
  readonly proven: ReadonlySignal<Millis | undefined> = computed(() => {
    const at = this.#proofs.value.get(this.#sink.value)
    return at !== undefined && this.#now.value - at < provenFor ? at : undefined
  })

  readonly state: ReadonlySignal<ArmState> = computed(() => this.#state())

  constructor(horn: Horn, now: ReadonlySignal<number>, shelf: Shelf = local) {
    this.#horn = horn
    this.#now = now
    this.#shelf = shelf
  }

  /** Tries to be what it was before a reload; where the browser wants a click first, the next one anywhere will do. */
  async restore(page: Window): Promise<void> {
    this.#recall()
    page.addEventListener('storage', () => this.#recall())
    const wake = () => {
      if (this.#wanted.peek() && this.#horn.state.peek() !== 'running') void this.#open(true)
    }
    page.addEventListener('pointerdown', wake, { capture: true })
    page.addEventListener('keydown', wake, { capture: true })
    page.document.addEventListener('visibilitychange', () => {
      if (this.#wanted.peek()) void this.#horn.open()
    })
    if (this.#wanted.peek()) await this.#open(false)
  }

  /** Unlocks the audio, sounds the test tone, and then asks. Call it inside a click. */
  async begin(): Promise<void> {
    this.#want(true)
    await this.#open(true)
    await this.#test()
  }

  /** The owner heard the tone. */
  heard(): void {
    this.#step.value = 'none'
    const proofs = new Map(this.#proofs.peek()).set(this.#sink.peek(), millis(Math.floor(this.#now.peek())))
    this.#proofs.value = proofs
    this.#shelf.write(provenKey, Object.fromEntries(proofs))
  }

  /** The owner heard nothing: what was proven before does not hold; another output may. */
  notHeard(): void {
    const proofs = new Map(this.#proofs.peek())
    proofs.delete(this.#sink.peek())
    this.#proofs.value = proofs
    this.#shelf.write(provenKey, Object.fromEntries(proofs))
  }

  /** Leaves the question open: armed, and not proven. */
  later(): void {
    this.#step.value = 'none'
  }

  /** The outputs to choose from. With ask, the browser is asked to name them, for which it wants the microphone. */
  outputs(ask = false): Promise<readonly { readonly id: string; readonly label: string }[]> {
    return this.#horn.outputs(ask)
  }

  /** Uses another output, and tests it. */
  async choose(id: string): Promise<void> {
    await this.#horn.choose(id)
    this.#sink.value = id
    this.#shelf.write(sinkKey, id)
    await this.#test()
  }

  /** Lets this browser be silent from now on. */
  disarm(): void {
    this.#want(false)
    this.#step.value = 'none'
  }

  async #test(): Promise<void> {
    if (this.#horn.state.peek() !== 'running') return
    this.#step.value = 'testing'
    await this.#horn.once('test')
    if (this.#step.peek() === 'testing') this.#step.value = 'asking'
  }

  async #open(clicked: boolean): Promise<void> {
    await this.#horn.open()
    if (clicked) this.#tried.value = true
  }

  #want(wanted: boolean): void {
    this.#wanted.value = wanted
    this.#shelf.write(armedKey, wanted)
  }

  /** Takes over what is remembered, by this tab or another. */
  #recall(): void {
    this.#wanted.value = this.#shelf.read(armedKey, (x) => (typeof x === 'boolean' ? x : undefined)) ?? false
    this.#proofs.value = this.#shelf.read(provenKey, proofs) ?? new Map()
    const sink = this.#shelf.read(sinkKey, text) ?? ''
    if (sink !== this.#sink.peek()) {
      this.#sink.value = sink
      this.#horn.choose(sink).catch(() => undefined) // it is gone: the system's own choice is used
    }
  }

  #state(): ArmState {
    const audio = this.#horn.state.value
    if (audio === 'unsupported') return { kind: 'blocked', why: 'this browser cannot play sound' }
    if (!this.#wanted.value) return { kind: 'off' }
    if (audio === 'running') {
      const step = this.#step.value
      if (step !== 'none') return { kind: step }
      const proven = this.proven.value
      return proven === undefined ? { kind: 'armed' } : { kind: 'armed', proven }
    }
    if (this.#tried.value) return { kind: 'blocked', why: audio === 'interrupted' ? 'the system took the sound away' : 'the browser does not let this page play sound' }
    return { kind: 'off', why: 'after a reload the browser wants a click before it plays sound' }
  }
}

function proofs(x: unknown): ReadonlyMap<string, Millis> | undefined {
  if (!isObject(x)) return undefined
  return new Map(Object.entries(x).flatMap(([sink, at]) => {
    const n = number(at)
    return n === undefined ? [] : [[sink, millis(n)] as const]
  }))
}
