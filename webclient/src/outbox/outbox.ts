import { cell } from '../api/cell'
import { ApiProblem, Unreachable } from '../api/problem'
import { send } from '../api/send'
import { session } from '../api/session'
import { store } from '../api/store'
import { byAge, later, sendable, type NewItem, type OutboxItem } from './item'
import { kept, myItems } from './waiting'

export type Outcome = { state: 'delivered'; reply: unknown } | { state: 'refused'; problem: ApiProblem } | { state: 'kept' }

const sending = cell<string | null>(null)
const needsSignIn = cell(false)
const waiting = new Map<string, (outcome: Outcome) => void>()
const listeners = new Set<(item: OutboxItem, reply: unknown) => void>()
const rows = () => store<OutboxItem>()
let timer: ReturnType<typeof setTimeout> | undefined
let sequence = 0

export const outbox = {
  /** The id of the item that is on its way. */
  get sending() {
    return sending.value
  },
  get needsSignIn() {
    return needsSignIn.value
  },
}

/** Tells what arrived, so that an open page can show the server's newest word. Returns the function that stops it. */
export function onDelivered(listener: (item: OutboxItem, reply: unknown) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export async function reload(): Promise<void> {
  kept.value = (await (await rows()).getAll('outbox')).sort(byAge)
}

/** Keeps the items, all or none, before anything is shown as saved. */
export async function put(items: NewItem[], now = Date.now()): Promise<void> {
  const transaction = (await rows()).transaction('outbox', 'readwrite')
  for (const item of items) {
    await transaction.store.put({ needs: [], ...item, createdAt: now, sequence: sequence++, tries: 0, dueAt: 0, refusal: null })
  }
  await transaction.done
  await reload()
}

/** Keeps one item and waits a moment for the server's word on it; `kept` means: saved, nobody knows more yet. */
export async function submit(item: NewItem, before: NewItem[] = [], patience = 8000): Promise<Outcome> {
  await put([...before, item])
  if (!navigator.onLine) return { state: 'kept' }
  const told = new Promise<Outcome>((resolve) => {
    waiting.set(item.id, resolve)
    setTimeout(() => resolve({ state: 'kept' }), patience)
  })
  void deliver()
  return told.finally(() => waiting.delete(item.id))
}

/** Sends what is due. With the lock only one tab sends; the others see the result when they reload the list. */
export async function deliver(now = Date.now()): Promise<void> {
  clearTimeout(timer)
  if (!navigator.onLine || !session.me) return
  if (navigator.locks)
    await navigator.locks.request('ruqi.outbox', { ifAvailable: true }, async (lock) => (lock ? deliverAll(now) : undefined))
  else await deliverAll(now)
  await reload()
  scheduleNext()
}

let running = false
async function deliverAll(now: number): Promise<void> {
  if (running) return
  running = true
  try {
    await reload()
    const tried = new Set<string>()
    for (;;) {
      const next = sendable(myItems(), Math.max(now, Date.now())).find((item) => !tried.has(item.id))
      if (!next) return
      tried.add(next.id)
      if (!(await deliverOne(next))) return
      await reload()
    }
  } finally {
    running = false
    sending.value = null
  }
}

/** Returns false when going on is pointless: no network, or nobody signed in. */
async function deliverOne(item: OutboxItem): Promise<boolean> {
  sending.value = item.id
  const db = await rows()
  try {
    const upload = item.file && { fields: { id: item.id }, file: item.file }
    const response = await send(item.path, {
      method: 'POST',
      body: item.body,
      upload,
      idempotencyKey: item.id,
      patience: item.file ? 60_000 : undefined,
    })
    const reply = (await response.json().catch(() => null)) as unknown
    await db.delete('outbox', item.id)
    needsSignIn.value = false
    await reload()
    waiting.get(item.id)?.({ state: 'delivered', reply })
    for (const listener of listeners) listener(item, reply)
    return true
  } catch (error) {
    if (error instanceof ApiProblem && !error.passing) {
      // Every lasting "no", 409 included, is kept and shown: taking it for success would lose the work unseen.
      await db.put('outbox', { ...item, refusal: { status: error.status, reason: error.reason, extras: error.extras } })
      await reload()
      waiting.get(item.id)?.({ state: 'refused', problem: error })
      return true
    }
    await db.put('outbox', later(item, error instanceof ApiProblem ? error.waitS : 0))
    await reload()
    waiting.get(item.id)?.({ state: 'kept' })
    if (error instanceof ApiProblem && error.status === 401) {
      needsSignIn.value = true
      return false
    }
    if (error instanceof Unreachable) return false
    if (error instanceof ApiProblem) return true
    throw error
  }
}

function scheduleNext(): void {
  const due = myItems()
    .filter((item) => !item.refusal)
    .map((item) => item.dueAt)
  if (due.length === 0 || needsSignIn.value) return
  timer = setTimeout(() => void deliver(), Math.max(500, Math.min(...due) - Date.now()))
}

/** The network is back or the person asks: start afresh. Waits earned without signal end; those the server asked for stay. */
export async function deliverNow(): Promise<void> {
  const transaction = (await rows()).transaction('outbox', 'readwrite')
  for (const item of await transaction.store.getAll())
    if (!item.refusal) await transaction.store.put({ ...item, tries: 0, dueAt: item.notBefore ?? 0 })
  await transaction.done
  needsSignIn.value = false
  await deliver()
}

/** Sends a refused item once more, unchanged. */
export async function retry(id: string): Promise<void> {
  const db = await rows()
  const item = await db.get('outbox', id)
  if (item) await db.put('outbox', { ...item, refusal: null, tries: 0, dueAt: 0 })
  await deliver()
}

/** Drops an item because its owner said so; records stop waiting for a photo that is gone and no longer name it. */
export async function discard(id: string): Promise<void> {
  const transaction = (await rows()).transaction('outbox', 'readwrite')
  await transaction.store.delete(id)
  for (const item of await transaction.store.getAll()) {
    if (!item.needs.includes(id)) continue
    const body = item.body as { evidence_ids?: string[] } | undefined
    if (body?.evidence_ids) body.evidence_ids = body.evidence_ids.filter((one) => one !== id)
    await transaction.store.put({ ...item, body, needs: item.needs.filter((one) => one !== id) })
  }
  await transaction.done
  await reload()
}

/** Watches the moments when sending may have become possible. */
export function watchNetwork(): void {
  window.addEventListener('online', () => void deliverNow())
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) void deliverNow()
  })
  void deliverNow()
}
