// Keeps the app's own files for offline use. It never touches /api: what must survive lies in the outbox.
export {}

declare const self: ServiceWorkerGlobalScope
declare const __PRECACHE__: [string, string | null][]
declare const __VERSION__: string

const CACHE = `ruqi-${__VERSION__}`
const PRECACHE = __PRECACHE__

self.addEventListener('install', (event) => {
  event.waitUntil(fill())
})

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE)
  await Promise.all(
    PRECACHE.map(async ([url, revision]) => {
      // Hashed names never change, so the older version's copy serves as well as a download.
      const known = revision === null ? await caches.match(url) : undefined
      if (known) await cache.put(url, known)
      else await cache.add(new Request(url, { cache: 'reload' }))
    }),
  )
}

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith('ruqi-') && name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  )
})

// Only on request: taking over under a half-filled form would mix two versions.
self.addEventListener('message', (event) => {
  if (event.data === 'take-over') void self.skipWaiting()
})

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url)
  if (event.request.method !== 'GET' || url.origin !== self.location.origin || url.pathname.startsWith('/api')) return
  const wanted = event.request.mode === 'navigate' ? '/index.html' : url.pathname
  event.respondWith(caches.open(CACHE).then(async (cache) => (await cache.match(wanted)) ?? fetch(event.request)))
})
