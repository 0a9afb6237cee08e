import { type ReadonlySignal, type Signal, signal } from '@preact/signals-core'
import { type Samples, allClear, critical, low, test } from './wave.ts'

/** The state of this tab's audio; "none" before the first attempt, "unsupported" where there is none at all. */
export type AudioState = 'none' | 'unsupported' | AudioContextState

/** What was measured a moment after the siren began. */
export interface Proof {
  readonly time: number // the audio clock
  readonly moved: boolean // the clock goes
  readonly rms: number // of what goes to the output; 0 is silence
}

interface Chain {
  readonly context: AudioContext
  readonly input: AudioNode
  readonly meter: AnalyserNode
}

interface Siren {
  readonly source: AudioBufferSourceNode
  readonly gain: GainNode
}

const first = 0.4 // of the full volume, when the siren begins
const rise = 20 // s until it is full
const fade = 0.02 // s in which it ends

/**
 * The sound of this tab. The siren is one buffer that the audio thread repeats by itself: no timer of the page drives
 * it, so that it goes on while the tab is hidden or busy.
 */
export class Horn {
  readonly #state: Signal<AudioState> = signal<AudioState>('none')
  #chain: Chain | undefined
  #siren: Siren | undefined
  #sink = ''

  readonly state: ReadonlySignal<AudioState> = this.#state

  /** Whether the siren is switched on; whether it can be heard is what `prove` finds out. */
  get ringing(): boolean {
    return this.#siren !== undefined
  }

  /** Which output is used; "" is the system's own choice. */
  get sink(): string {
    return this.#sink
  }

  /** Opens the audio, or wakes it. Without a click before it, browsers may leave it suspended. */
  async open(): Promise<void> {
    if (!('AudioContext' in globalThis)) {
      this.#state.value = 'unsupported'
      return
    }
    if (this.#chain === undefined || this.#chain.context.state === 'closed') {
      this.#siren = undefined
      this.#chain = this.#build()
    }
    const { context } = this.#chain
    this.#state.value = context.state
    if (context.state === 'running') return
    // Without a click the promise may never settle; then onstatechange tells when it runs.
    await Promise.race([context.resume().catch(() => undefined), new Promise((done) => setTimeout(done, 1500))])
    this.#state.value = context.state
  }

  /** Sends the sound to another output, where the browser lets one choose. */
  async choose(sink: string): Promise<void> {
    this.#sink = sink
    const context = this.#chain?.context
    if (context !== undefined && canChoose(context)) await context.setSinkId(sink)
  }

  /** Starts the siren, at 40 %, rising to full in 20 s; it goes on until hush. */
  ring(): void {
    if (this.#siren !== undefined || this.#chain === undefined) return
    const { context, input } = this.#chain
    const gain = context.createGain()
    gain.gain.setValueAtTime(first, context.currentTime)
    gain.gain.linearRampToValueAtTime(1, context.currentTime + rise)
    const source = this.#source(critical(context.sampleRate))
    source.loop = true
    source.connect(gain).connect(input)
    source.start()
    this.#siren = { source, gain }
  }

  /** Stops the siren at once. */
  hush(): void {
    if (this.#siren === undefined || this.#chain === undefined) return
    const { source, gain } = this.#siren
    const now = this.#chain.context.currentTime
    this.#siren = undefined
    gain.gain.cancelScheduledValues(now)
    gain.gain.setTargetAtTime(0, now, fade / 4)
    source.stop(now + fade)
    source.onended = () => gain.disconnect()
  }

  /** Sounds something once; the promise is fulfilled when it ended, and never when the audio does not run. */
  once(what: 'low' | 'allClear' | 'test'): Promise<void> {
    if (this.#chain === undefined) return Promise.resolve()
    const { context, input } = this.#chain
    const source = this.#source({ low, allClear, test }[what](context.sampleRate))
    source.connect(input)
    source.start()
    return new Promise((done) => {
      source.onended = () => done()
    })
  }

  /** Looks, by the audio clock itself, whether sound comes out a moment from now. A stopped clock never answers. */
  prove(after: number, tell: (proof: Proof) => void): void {
    if (this.#chain === undefined) return
    const { context } = this.#chain
    const begun = context.currentTime
    const watch = context.createConstantSource()
    const mute = context.createGain()
    mute.gain.value = 0
    watch.connect(mute).connect(context.destination)
    watch.onended = () => {
      mute.disconnect()
      tell({ time: context.currentTime, moved: context.currentTime > begun, rms: this.rms() })
    }
    watch.start()
    watch.stop(begun + after)
  }

  /** How loud what goes to the output is at this moment. */
  rms(): number {
    const meter = this.#chain?.meter
    if (meter === undefined || this.#state.peek() !== 'running') return 0
    const samples = new Float32Array(meter.fftSize)
    meter.getFloatTimeDomainData(samples)
    return Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length)
  }

  /** The audio clock. */
  time(): number {
    return this.#chain?.context.currentTime ?? 0
  }

  /** The outputs that the browser names. It names them only after it was allowed to use a microphone. */
  async outputs(ask: boolean): Promise<readonly { readonly id: string; readonly label: string }[]> {
    const media: MediaDevices | undefined = globalThis.navigator?.mediaDevices
    if (media === undefined || this.#chain === undefined || !canChoose(this.#chain.context)) return []
    if (ask) {
      const stream = await media.getUserMedia({ audio: true }).catch(() => undefined)
      for (const track of stream?.getTracks() ?? []) track.stop()
    }
    const devices = await media.enumerateDevices()
    return devices.filter((d) => d.kind === 'audiooutput' && d.deviceId !== '' && d.label !== '').map((d) => ({ id: d.deviceId, label: d.label }))
  }

  #build(): Chain {
    playInBackground()
    const context = new AudioContext()
    const input = context.createDynamicsCompressor()
    const meter = context.createAnalyser()
    meter.fftSize = 2048
    input.connect(meter).connect(context.destination)
    context.onstatechange = () => {
      this.#state.value = context.state
      if (context.state !== 'running' && context.state !== 'closed') context.resume().catch(() => undefined)
    }
    if (this.#sink !== '' && canChoose(context)) context.setSinkId(this.#sink).catch(() => undefined)
    return { context, input, meter }
  }

  #source(samples: Samples): AudioBufferSourceNode {
    const context = this.#chain?.context
    if (context === undefined) throw new Error('the audio is not open')
    const buffer = context.createBuffer(1, samples.length, context.sampleRate)
    buffer.copyToChannel(samples, 0)
    const source = context.createBufferSource()
    source.buffer = buffer
    return source
  }
}

interface Choosing {
  setSinkId(id: string): Promise<void>
}

/** Whether the browser lets a page choose the output of its audio. */
function canChoose(context: AudioContext): context is AudioContext & Choosing {
  return 'setSinkId' in context
}

interface Sessioned {
  readonly audioSession: { type: string }
}

function hasSession(x: object): x is Sessioned {
  return 'audioSession' in x
}

/** Tells iPhones that this is not the noise of a page that may be cut off. */
function playInBackground(): void {
  if (hasSession(navigator)) navigator.audioSession.type = 'playback'
}
