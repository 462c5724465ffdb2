import { openDB, type DBSchema, type IDBPDatabase } from 'idb'

interface Kept {
  key: string
  at: number
  value: unknown
}

interface Schema<Item extends { id: string }> extends DBSchema {
  /** What waits to be sent; the outbox knows what an item is. */
  outbox: { key: string; value: Item }
  /** Half-filled records, by account and visit. */
  drafts: { key: string; value: unknown }
  /** Last good answers, for when there is no signal. */
  kept: { key: string; value: Kept }
}

let opened: Promise<IDBPDatabase<Schema<{ id: string }>>> | null = null

export function store<Item extends { id: string } = { id: string }>(): Promise<IDBPDatabase<Schema<Item>>> {
  opened ??= openDB<Schema<{ id: string }>>('ruqi', 1, {
    upgrade(db) {
      db.createObjectStore('outbox', { keyPath: 'id' })
      db.createObjectStore('drafts')
      db.createObjectStore('kept', { keyPath: 'key' })
    },
    terminated() {
      opened = null
    },
  })
  return opened as unknown as Promise<IDBPDatabase<Schema<Item>>>
}

export async function keep(key: string, value: unknown): Promise<void> {
  await (await store()).put('kept', { key, at: Date.now(), value: JSON.parse(JSON.stringify(value)) as unknown })
}

export async function findKept<T>(key: string): Promise<{ value: T; at: number } | undefined> {
  const row = await (await store()).get('kept', key)
  return row ? { value: row.value as T, at: row.at } : undefined
}

/** What one person saw is not for the next one on the same phone; waiting items and drafts stay, bound to their owner. */
export async function forgetKept(): Promise<void> {
  await (await store()).clear('kept')
}
