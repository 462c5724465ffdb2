import { listKeys } from '../api/calls'
import { findKept, keep } from '../api/store'
import type { Keys } from './city'

/** The public keys: from the server when it answers quickly, else the last ones seen. */
export async function getKeys(): Promise<Keys | undefined> {
  try {
    const keys = await listKeys()
    void keep('keys', keys).catch(() => undefined)
    return keys
  } catch {
    return keptKeys()
  }
}

/** What can be had at once: a camera that has found a code must not wait for a weak network. */
export const keysAtHand = async (): Promise<Keys | undefined> => (await keptKeys()) ?? getKeys()

const keptKeys = async () => (await findKept<Keys>('keys').catch(() => undefined))?.value
