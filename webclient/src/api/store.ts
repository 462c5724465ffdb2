import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { OutboxItem } from '../outbox/item'

interface Kept {
  key: string
  at: number
  value: unknown
}

interface Schema extends DBSchema {
  outbox: { key: string; value: OutboxItem }
  /** Half-filled records, by account and visit. */
  drafts: { key: string; value: unknown }
  /** Last good answers, for when there is no signal. */
  kept: { key: string; value: Kept }
}

let opened: Promise<IDBPDatabase<Schema>> | null = null

export function store(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>('ruqi', 1, {
    upgrade(db) {
      db.createObjectStore('outbox', { keyPath: 'id' })
      db.createObjectStore('drafts')
      db.createObjectStore('kept', { keyPath: 'key' })
    },
    terminated() {
      opened = null
    },
  })
  return opened
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
