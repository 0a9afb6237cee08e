import { expect, test } from 'vitest'
import { type Samples, allClear, critical, low, test as tone, tones } from './wave.ts'

/** How strong one frequency is in samples, as the amplitude of a sine (Goertzel). */
function strength(samples: Samples, rate: number, f: number): number {
  const k = 2 * Math.cos((2 * Math.PI * f) / rate)
  let [a, b] = [0, 0]
  for (const x of samples) [a, b] = [x + k * a - b, a]
  return (2 * Math.sqrt(a * a + b * b - k * a * b)) / samples.length
}

const every = [523, 660, 880, 990, 1320]

// Each sound holds its own frequencies and no other's, at the usual sample rates.
test('frequencies', () => {
  for (const rate of [44_100, 48_000]) {
    const sounds = { critical: critical(rate), low: low(rate), allClear: allClear(rate), test: tone(rate) }
    for (const [name, samples] of Object.entries(sounds)) {
      const own: readonly number[] = name === 'critical' ? tones.critical : name === 'low' ? tones.low : name === 'allClear' ? tones.allClear : tones.test
      const weakest = Math.min(...own.map((f) => strength(samples, rate, f)))
      expect(weakest, `${name} at ${rate}`).toBeGreaterThan(0.05)
      for (const f of every) if (!own.includes(f)) expect(strength(samples, rate, f), `${f} Hz in ${name}`).toBeLessThan(weakest / 5)
    }
  }
})

// The siren has no pause, no click where it repeats, and never clips.
test('the siren', () => {
  const rate = 48_000
  const s = critical(rate)
  expect(s.length).toBe(rate)
  for (let i = 0; i < s.length; i += 480) {
    const part = s.subarray(i, i + 480)
    expect(Math.sqrt(part.reduce((sum, x) => sum + x * x, 0) / part.length)).toBeGreaterThan(0.4)
  }
  const steps = [...s].map((x, i) => Math.abs(x - (s[(i + s.length - 1) % s.length] ?? 0)))
  expect(Math.abs((s[0] ?? 1) - (s.at(-1) ?? 0))).toBeLessThanOrEqual(Math.max(...steps.slice(1)))
  expect(Math.max(...s.map(Math.abs))).toBeLessThan(1)
})

// What sounds once begins and ends in silence.
test('edges', () => {
  for (const s of [low(48_000), allClear(48_000), tone(48_000)]) {
    expect(Math.abs(s[0] ?? 1)).toBeLessThan(0.01)
    expect(Math.abs(s.at(-1) ?? 1)).toBeLessThan(0.01)
  }
})
