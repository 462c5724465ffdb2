// A small database of its own for what must outlive a sign-out: the phone's key, and the newest list of revocations.
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'

/** The phone's key of one account. The private half never leaves the browser: not even this code can read it. */
export interface DeviceKey {
  account: string
  privateKey: CryptoKey
  /** 65 bytes in hex, as the server wants them for enrolment. */
  publicKey: string
  /** Null until the server has given the phone its number. */
  device: number | null
  madeAt: number
}

interface Schema extends DBSchema {
  keys: { key: string; value: DeviceKey }
  lists: { key: string; value: string }
}

let opened: Promise<IDBPDatabase<Schema>> | null = null

export function vault(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>('ruqi-codes', 1, {
    upgrade(db) {
      db.createObjectStore('keys', { keyPath: 'account' })
      db.createObjectStore('lists')
    },
    terminated() {
      opened = null
    },
  }).catch((error: unknown) => {
    opened = null
    throw error
  })
  return opened
}
