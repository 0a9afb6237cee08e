import { effect } from '@preact/signals-core'
import type { Client } from '../state/client.ts'

type Face = 'calm' | 'named' | 'critical'

/** The favicon as a picture written into its address. */
function icon(face: Face): string {
  const fill = face === 'critical' ? '#d92d3a' : '#5048d8'
  const shape = face === 'critical' ? '<path d="M10 2h12l8 8v12l-8 8H10l-8-8V10z" fill="' + fill + '"/>' : '<rect x="2" y="2" width="28" height="28" rx="7" fill="' + fill + '"/>'
  const mark = face === 'critical' ? '<path d="M16 8v10M16 23v1" stroke="#fff" stroke-width="4" stroke-linecap="round"/>' : '<path d="M7 17h5l3-8 4 14 3-6h3" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/>'
  const dot = face === 'named' ? '<circle cx="25" cy="7" r="6" fill="#fe9e36"/>' : ''
  return 'data:image/svg+xml,' + encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${shape}${mark}${dot}</svg>`)
}

/** Keeps the tab's title, its picture and the app's badge in step with what happens. */
export function keepTitle({ derived }: Client): void {
  effect(() => {
    document.title = derived.title.value
  })
  effect(() => {
    const { mentions } = derived.unread.value
    const face: Face = derived.ringing.value.length > 0 ? 'critical' : mentions > 0 ? 'named' : 'calm'
    const href = icon(face)
    const link = document.head.querySelector<HTMLLinkElement>('link[rel="icon"]') ?? document.createElement('link')
    link.rel = 'icon'
    link.href = href
    if (!link.isConnected) document.head.append(link)
    if ('setAppBadge' in navigator) navigator.setAppBadge(mentions + derived.ringing.value.length).catch(() => undefined) // not installed
  })
}
