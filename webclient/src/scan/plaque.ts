// What a scanned text is, and whether its signature holds. An early warning only: the server decides.

const DIGITS = 168
const SIGNATURE_BITS = 512n
const DOMAIN = 'ruqi/plaque/1\0'

export interface PlaqueToken {
  kind: 'plaque'
  text: string
  /** `HTTPS://HOST/E/`, upper case: what was signed. */
  prefix: string
  keyId: number
  serial: number
  signature: Uint8Array<ArrayBuffer>
}

export type ReadText = PlaqueToken | { kind: 'uscc'; text: string; checked: boolean } | { kind: 'foreign'; text: string }
export type Verdict = 'genuine' | 'forged' | 'unknown'
export interface Keys {
  prefix: string
  keys: Record<string, string>
}

const ADDRESS = /^(HTTPS?:\/\/[A-Z0-9.-]+(?::\d{1,5})?\/E\/)(\d{168})$/
const USCC = /[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}/

/** Full-width letters and digits come from Chinese keyboards, invisible characters from copying. */
export function tidy(text: string): string {
  return text
    .replace(/[\uff01-\uff5e]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0xfee0))
    .replace(/\u3002/g, '.')
    .replace(/[\s\u200b\ufeff]/g, '')
    .toUpperCase()
}

export function readText(raw: string): ReadText {
  const text = tidy(raw)
  const address = ADDRESS.exec(text)
  if (address) {
    const token = openDigits(address[2]!)
    if (token) return { kind: 'plaque', text, prefix: address[1]!, ...token }
  }
  if (address || /\/E\/\d+$/.test(text)) return { kind: 'foreign', text }
  // A business-licence code is a link that carries the number somewhere inside.
  const uscc = text.length === 18 || text.startsWith('HTTP') ? USCC.exec(text)?.[0] : undefined
  return uscc ? { kind: 'uscc', text: uscc, checked: usccChecks(uscc) } : { kind: 'foreign', text: raw.trim() }
}

function openDigits(digits: string): Pick<PlaqueToken, 'keyId' | 'serial' | 'signature'> | null {
  if (digits.length !== DIGITS) return null
  const value = BigInt(digits)
  const head = value >> SIGNATURE_BITS
  // 2 bits of kind, 4 of key id, 40 of serial; only kind 0 exists.
  if (head >> 44n !== 0n) return null
  const hex = (value & ((1n << SIGNATURE_BITS) - 1n)).toString(16).padStart(128, '0')
  return { keyId: Number((head >> 40n) & 15n), serial: Number(head & ((1n << 40n) - 1n)), signature: fromHex(hex) }
}

/** The domain, the prefix, and the token's first 46 bits in 6 bytes: key id, then the serial, big-endian. */
export function signedBytes(token: Pick<PlaqueToken, 'prefix' | 'keyId' | 'serial'>): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(DOMAIN + token.prefix)
  const message = new Uint8Array(text.length + 6)
  message.set(text)
  const head = new DataView(message.buffer, text.length)
  head.setUint8(0, token.keyId)
  head.setUint8(1, Math.floor(token.serial / 2 ** 32))
  head.setUint32(2, token.serial % 2 ** 32)
  return message
}

/** `unknown` wherever the phone cannot tell: no keys yet, a newer key, or a browser without Ed25519. */
export async function verify(token: PlaqueToken, keys: Keys | undefined): Promise<Verdict> {
  if (!keys) return 'unknown'
  // Another host is another city's code, or a trap; the phone has no key to call it forged by.
  if (keys.prefix.toUpperCase() !== token.prefix) return 'unknown'
  const key = keys.keys[String(token.keyId)]
  if (!key || !globalThis.crypto?.subtle) return 'unknown'
  try {
    const imported = await crypto.subtle.importKey('raw', fromHex(key), { name: 'Ed25519' }, false, ['verify'])
    return (await crypto.subtle.verify({ name: 'Ed25519' }, imported, token.signature, signedBytes(token))) ? 'genuine' : 'forged'
  } catch {
    return 'unknown'
  }
}

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(hex.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(hex.slice(2 * i, 2 * i + 2), 16)
  return bytes
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
