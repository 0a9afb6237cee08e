// The sounds, synthesised. Pure: a sample rate in, samples out.

/** Samples that an AudioBuffer takes. */
export type Samples = Float32Array<ArrayBuffer>

/** The frequencies by which the sounds can be told apart, in a recording too. */
export const tones = { critical: [880, 1320], low: [523], allClear: [660, 990], test: [660] } as const

/**
 * One second of the siren: 880 and 1320 Hz in turn, four times a second, without a pause. Every part holds whole
 * periods, so that the loop has no click. A soft octave above each lets small speakers be heard.
 */
export function critical(rate: number): Samples {
  const [a, b] = tones.critical
  return render(rate, 1, (t) => {
    const f = Math.floor(t * 4) % 2 === 0 ? a : b
    return 0.68 * sine(f, t) + 0.14 * sine(2 * f, t)
  })
}

/** The chime of a low alert: one soft note that fades. */
export function low(rate: number): Samples {
  const [f] = tones.low
  return render(rate, 1.2, (t) => 0.35 * sine(f, t) * Math.exp(-3 * t) * edge(t, 1.2, 0.008))
}

/** The all-clear: two rising notes. */
export function allClear(rate: number): Samples {
  const [a, b] = tones.allClear
  return render(rate, 0.9, (t) => (t < 0.35 ? 0.4 * sine(a, t) * edge(t, 0.35, 0.02) : 0.4 * sine(b, t) * edge(t - 0.35, 0.55, 0.02) * Math.exp(-2 * (t - 0.35))))
}

/** The test tone, which is asked about: one second of 660 Hz. */
export function test(rate: number): Samples {
  const [f] = tones.test
  return render(rate, 1, (t) => 0.45 * sine(f, t) * edge(t, 1, 0.02))
}

function render(rate: number, seconds: number, at: (t: number) => number): Samples {
  const out = new Float32Array(Math.round(rate * seconds))
  for (let i = 0; i < out.length; i++) out[i] = at(i / rate)
  return out
}

function sine(f: number, t: number): number {
  return Math.sin(2 * Math.PI * f * t)
}

/** Rises from 0 at the beginning and falls to 0 at the end, so that nothing clicks. */
function edge(t: number, length: number, rise: number): number {
  return Math.max(0, Math.min(1, t / rise, (length - t) / rise))
}
