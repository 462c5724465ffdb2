import { ref } from 'vue'

/** Set when a newer version is installed and waits for the person's tap. */
export const updateReady = ref(false)
let waiting: ServiceWorker | null = null

/** Only inspectors and enrolled phones get the worker: everyone else is online, and 1 MB of precache would be theirs to pay. */
export async function keepOffline(): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return
  const registration = await navigator.serviceWorker.register('/sw.js')
  const offer = (worker: ServiceWorker | null) => {
    // Without a controller this is the first install, which replaces nothing.
    if (!worker || !navigator.serviceWorker.controller) return
    waiting = worker
    updateReady.value = true
  }
  offer(registration.waiting)
  registration.addEventListener('updatefound', () => {
    const worker = registration.installing
    worker?.addEventListener('statechange', () => {
      if (worker.state === 'installed') offer(worker)
    })
  })
  // An app on the home screen may stay open for days.
  setInterval(() => void registration.update().catch(() => undefined), 60 * 60_000)
  void navigator.storage?.persist?.().catch(() => undefined)
}

const STORED = 'ruqi.phone'

/** An enrolled phone makes codes without a network, so its pages are kept too: from now on, and at each later start. */
export async function keepingPages<T>(enrolling: Promise<T>): Promise<T> {
  const phone = await enrolling
  localStorage.setItem(STORED, '1')
  void keepOffline().catch(() => undefined)
  return phone
}

export const keepsPages = () => localStorage.getItem(STORED) === '1'

export function takeUpdate(): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  waiting?.postMessage('take-over')
}
