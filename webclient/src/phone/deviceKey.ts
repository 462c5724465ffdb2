// The phone's own key: made here, kept by the browser, never shown to anyone.
import { toHex } from '../code/bytes'
import type { Phone } from '../code/deviceCode'
import { vault, type DeviceKey } from '../code/vault'

export type { DeviceKey }

/** Makes a key that cannot be read out, in place of any older one of this account; its public half goes to the server. */
export async function createKey(account: string, now = Date.now()): Promise<DeviceKey> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
  const publicKey = toHex(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)))
  const key: DeviceKey = { account, privateKey: pair.privateKey, publicKey, device: null, madeAt: now }
  await (await vault()).put('keys', key)
  return key
}

export const loadKey = async (account: string): Promise<DeviceKey | undefined> => (await vault()).get('keys', account)

/** Keeps the number that the server gave to this very key; false when the key has been replaced or forgotten since. */
export async function enrolled(account: string, publicKey: string, device: number): Promise<boolean> {
  const change = (await vault()).transaction('keys', 'readwrite')
  const key = await change.store.get(account)
  const same = key?.publicKey === publicKey
  if (same) await change.store.put({ ...key, device })
  await change.done
  return same
}

/** A key that was made before anybody had signed in now belongs to this account. */
export async function adopted(from: string, account: string, device: number): Promise<void> {
  const change = (await vault()).transaction('keys', 'readwrite')
  const key = await change.store.get(from)
  if (key) {
    await change.store.put({ ...key, account, device })
    await change.store.delete(from)
  }
  await change.done
}

export const forgetKey = async (account: string): Promise<void> => (await vault()).delete('keys', account)

/** What makes codes, once the phone is enrolled. */
export async function phoneOf(account: string): Promise<Phone | undefined> {
  const key = await loadKey(account)
  return key && key.device !== null ? { device: key.device, key: key.privateKey } : undefined
}
