import { listKeys } from '../calls'
import { findKept, keep } from '../store'
import type { Keys } from './plaque'

/** The public keys: from the server when it answers quickly, else the last ones seen. */
export async function getKeys(): Promise<Keys | undefined> {
  try {
    const keys = await listKeys()
    void keep('keys', keys).catch(() => undefined)
    return keys
  } catch {
    return (await findKept<Keys>('keys').catch(() => undefined))?.value
  }
}
