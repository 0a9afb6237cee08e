// The service worker: it takes clicks on notifications to the page. It keeps no cache: a page is always the server's newest.

self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const data = event.notification.data ?? {}
  event.waitUntil(event.action === 'ack' && Number.isInteger(data.incident) ? acknowledge(data) : open(data))
})

/** Acknowledges at an open page, which can say how it went; without one, at the server. */
async function acknowledge(data) {
  const [page] = await pages()
  if (page !== undefined) {
    page.postMessage({ t: 'ack', incident: data.incident })
    return
  }
  const ask = (path) =>
    fetch('/api/v1' + path, { method: 'POST', headers: { 'X-Watchroom': '1', 'Content-Type': 'application/json' }, body: path.endsWith('acknowledge') ? '{}' : undefined })
  const path = `/incidents/${data.incident}/acknowledge`
  let answer = await ask(path).catch(() => undefined)
  if (answer?.status === 401 && (await ask('/session/refresh').catch(() => undefined))?.ok) answer = await ask(path).catch(() => undefined)
  if (!answer?.ok) await open(data)
}

/** Shows what a notification is about, in a page that is open if there is one. */
async function open(data) {
  const hash = typeof data.hash === 'string' && data.hash.startsWith('#/') ? data.hash : '#/'
  const [page] = await pages()
  if (page === undefined) {
    await self.clients.openWindow('/' + hash)
    return
  }
  page.postMessage({ t: 'open', hash })
  await page.focus().catch(() => undefined)
}

/** The open pages, the one that is looked at first. */
async function pages() {
  const all = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  return all.toSorted((a, b) => Number(b.focused) - Number(a.focused) || Number(b.visibilityState === 'visible') - Number(a.visibilityState === 'visible'))
}
