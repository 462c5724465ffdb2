// The city's public keys and what they signed. Loads nothing else, so that a landing page may use it.
import { fromHex, type Bytes } from './bytes'
import { BadCode, Unprovable } from './token'

export interface Keys {
  /** What tokens of this city begin with: `HTTPS://HOST/E/`. */
  prefix: string
  /** Key id to Ed25519 public key in hex; only those that count. */
  keys: Record<string, string>
}

/** Raises BadCode unless the city signed it, Unprovable when this browser cannot tell. */
export async function checkCity(keyId: number, signature: Bytes, message: Bytes, { keys }: Keys): Promise<void> {
  const raw = keys[String(keyId)]
  if (!raw) throw new BadCode('unknown_key')
  let holds: boolean
  try {
    const key = await crypto.subtle.importKey('raw', fromHex(raw), { name: 'Ed25519' }, false, ['verify'])
    holds = await crypto.subtle.verify({ name: 'Ed25519' }, key, signature, message)
  } catch (error) {
    throw new Unprovable('no Ed25519', { cause: error })
  }
  if (!holds) throw new BadCode('forged')
}
