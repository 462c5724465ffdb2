// What a scanned text is, and whether a plaque's signature holds. An early warning only: the server decides.
import { ascii, joinBytes, toBytes, toNumber, type Bytes } from './bytes'
import { checkCity, type Keys } from './city'
import { readSlip } from './slip'
import { BadCode, looksLike, readToken, tidy } from './token'

export { tidy, type Keys }

const HEAD_BYTES = 6
const DOMAIN = 'ruqi/plaque/1\0'

export interface Plaque {
  keyId: number
  serial: number
}

export interface PlaqueToken extends Plaque {
  kind: 'plaque'
  text: string
  /** `HTTPS://HOST/E/`, upper case: what was signed. */
  prefix: string
  signature: Bytes
}

export type ReadText =
  | PlaqueToken
  | { kind: 'living' | 'visit' | 'slip'; text: string; prefix: string }
  | { kind: 'uscc'; text: string; checked: boolean }
  | { kind: 'foreign'; text: string }
export type Verdict = 'genuine' | 'forged' | 'unknown'

const USCC = /[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}/

/** Sorts a text; nothing is proven by it. A slip that was typed comes back in its groups, with an empty prefix. */
export function readText(raw: string): ReadText {
  const text = tidy(raw)
  const token = looksLike(text)
  if (token?.kind === 'plaque') return { kind: 'plaque', text, prefix: token.prefix, ...partsOf(readToken(text, 'plaque', token.prefix)) }
  if (token) return { kind: token.kind, text, prefix: token.prefix }
  if (/\/E\/\d+$/.test(text)) return { kind: 'foreign', text }
  // A business-licence code is a link that carries the number somewhere inside.
  const uscc = text.length === 18 || text.startsWith('HTTP') ? USCC.exec(text)?.[0] : undefined
  if (uscc) return { kind: 'uscc', text: uscc, checked: usccChecks(uscc) }
  const slip = typedSlip(text)
  return slip ? { kind: 'slip', text: slip, prefix: '' } : { kind: 'foreign', text: raw.trim() }
}

/**
 * Whether the server could know whose code it is: one of our kind from whatever host, broken ones too, or any text that
 * holds a social credit code, as those of business licences do.
 */
export function mayBeKnown(raw: string): boolean {
  const text = tidy(raw)
  return readText(raw).kind !== 'foreign' || /\/E\/\d+$/.test(text) || USCC.test(text)
}

/** The social credit code that a text is or holds, as a business licence's symbol does; none in a code of ours. */
export function usccIn(raw: string): string | null {
  const text = tidy(raw)
  return looksLike(text) || /\/E\/\d+$/.test(text) ? null : (USCC.exec(text)?.[0] ?? null)
}

/** Reads and proves a plaque. Raises BadCode, or Unprovable where this browser has no Ed25519. */
export async function openPlaque(text: string, keys: Keys): Promise<Plaque> {
  const { keyId, serial, signature } = partsOf(readToken(text, 'plaque', keys.prefix))
  await checkCity(keyId, signature, signedBytes({ prefix: keys.prefix.toUpperCase(), keyId, serial }), keys)
  return { keyId, serial }
}

/** The domain, the prefix, and the token's first 46 bits in 6 bytes: key id, then the serial, big-endian. */
export function signedBytes({ prefix, keyId, serial }: Plaque & { prefix: string }): Bytes {
  return joinBytes(ascii(DOMAIN + prefix), toBytes((BigInt(keyId) << 40n) | BigInt(serial), HEAD_BYTES))
}

/** `unknown` wherever the phone cannot tell: no keys yet, a newer key, another host, or a browser without Ed25519. */
export async function verify(token: PlaqueToken, keys: Keys | undefined): Promise<Verdict> {
  // Another host is another city's code, or a trap; the phone has no key to call it forged by.
  if (!keys || keys.prefix.toUpperCase() !== token.prefix) return 'unknown'
  try {
    await checkCity(token.keyId, token.signature, signedBytes(token), keys)
    return 'genuine'
  } catch (error) {
    return error instanceof BadCode && error.reason === 'forged' ? 'forged' : 'unknown'
  }
}

function partsOf(body: Bytes): Plaque & { signature: Bytes } {
  const head = toNumber(body.slice(0, HEAD_BYTES))
  return { keyId: Number((head >> 40n) & 15n), serial: Number(head & 0xff_ffff_ffffn), signature: body.slice(HEAD_BYTES) }
}

function typedSlip(text: string): string | null {
  try {
    return readSlip(text, '')
  } catch {
    return null
  }
}

const USCC_LETTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY'

/** GB 32100-2015: the 18th place is 31 minus the weighted sum (weights 3^i mod 31) of the first 17. */
export function usccChecks(uscc: string): boolean {
  let sum = 0
  let weight = 1
  for (const letter of uscc.slice(0, 17)) {
    sum += USCC_LETTERS.indexOf(letter) * weight
    weight = (weight * 3) % 31
  }
  return USCC_LETTERS[(31 - (sum % 31)) % 31] === uscc[17]
}
