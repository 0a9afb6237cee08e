import { nonce } from '../lib/id.ts'
import { text } from '../lib/guard.ts'
import { local } from '../lib/storage.ts'
import { deviceId } from '../wire/brand.ts'
import type { DeviceId } from '../wire/types.gen.ts'

/** This browser, which its tabs share: made once and kept in its storage. */
export function thisDevice(): DeviceId {
  const have = local.read('device', text)
  if (have !== undefined && have !== '') return deviceId(have)
  const made = 'd_' + nonce()
  local.write('device', made)
  return deviceId(made)
}

/** This tab, until it is reloaded. */
export const thisTab: string = nonce()

/** What the server shows of this browser. */
export function agent(): string {
  return navigator.userAgent.slice(0, 300)
}

/** Whether this is a telephone or a tablet, which falls silent when it is locked. */
export function isPhone(): boolean {
  const ua = navigator.userAgent
  return /Android|iPhone|iPad|iPod|Mobile/.test(ua) || (/Macintosh/.test(ua) && navigator.maxTouchPoints > 1)
}
