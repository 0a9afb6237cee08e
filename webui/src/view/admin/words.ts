import { clock } from '../../lib/time.ts'
import type { Integration } from '../../wire/types.gen.ts'

/** Until when an integration is paused, in words; undefined when it is not. */
export function pausedWords(integration: Integration, now: number): string | undefined {
  const paused = integration.paused ?? 0
  if (paused === -1) return 'paused until resumed'
  return paused > now ? `paused until ${clock(paused)}` : undefined
}

/** How many bytes, in the unit that fits. */
export function sizeWords(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}

/** A body as it is easiest to read: JSON is indented, everything else stays as it came. */
export function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}
