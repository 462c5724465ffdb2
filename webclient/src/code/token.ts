// The common form of all tokens, the twin of qr/tokens.py: `HTTPS://HOST/E/` and one integer in decimal digits, its
// first two bits the kind. Nothing is proven here.
import { toBytes, toNumber, type Bytes } from './bytes'

export type Kind = 'plaque' | 'living' | 'visit' | 'slip'
export type CodeFault =
  'not_a_code' | 'wrong_host' | 'wrong_kind' | 'malformed' | 'unknown_key' | 'revoked_key' | 'forged' | 'expired' | 'not_yet'

/** The text is refused; `reason` says why. */
export class BadCode extends Error {
  constructor(readonly reason: CodeFault) {
    super(reason)
    this.name = 'BadCode'
  }
}

/** This browser cannot check such a signature (no Ed25519, or no WebCrypto at all): only the server can tell. */
export class Unprovable extends Error {}

interface Form {
  tag: bigint
  bits: number
  digits: number
}
const FORMS: Record<Kind, Form> = {
  plaque: { tag: 0n, bits: 558, digits: 168 },
  living: { tag: 1n, bits: 558, digits: 168 },
  visit: { tag: 2n, bits: 686, digits: 207 },
  slip: { tag: 3n, bits: 86, digits: 26 },
}
const KINDS = Object.keys(FORMS) as Kind[]
const LONGEST_TEXT = 600
const ADDRESS = /^(HTTPS?:\/\/[A-Z0-9](?:[A-Z0-9.-]*[A-Z0-9])?(?::\d{1,5})?\/E\/)(\d+)$/

const halfWidth = (text: string) =>
  text.replace(/[\uff01-\uff5e]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0xfee0)).replace(/\u3002/g, '.')

/** What hands and keyboards meant: half-width capitals without white space around. */
export function plain(text: string): string {
  const narrow = text.length > LONGEST_TEXT ? '' : halfWidth(text).replace(/^[\s\u200b\ufeff]+|[\s\u200b\ufeff]+$/g, '')
  // Before toUpperCase(): it would turn some letters beyond ASCII into ASCII ones.
  if (!/^[\x20-\x7e]+$/.test(narrow)) throw new BadCode('not_a_code')
  return narrow.toUpperCase()
}

/** The same for what is typed piece by piece: spaces inside go as well, and anything at all is taken. */
export const tidy = (text: string) =>
  halfWidth(text)
    .replace(/[\s\u200b\ufeff]/g, '')
    .toUpperCase()

/** What a token of this host claims to be. */
export const kindOf = (text: string, prefix: string): Kind => split(plain(text), prefix).kind

/** The prefix and the kind of a token of any host; null when the text is none. */
export function looksLike(text: string): { prefix: string; kind: Kind } | null {
  const prefix = ADDRESS.exec(text)?.[1]
  try {
    return prefix ? { prefix, kind: split(text, prefix).kind } : null
  } catch {
    return null
  }
}

export function writeToken(kind: Kind, body: Uint8Array, prefix: string): string {
  return prefix.toUpperCase() + toNumber(body).toString().padStart(FORMS[kind].digits, '0')
}

/** The body of a token of this kind, which begins with its kind, unproven. */
export function readToken(text: string, kind: Kind, prefix: string): Bytes {
  const found = split(plain(text), prefix)
  if (found.kind !== kind) throw new BadCode('wrong_kind')
  return toBytes(found.value, Math.ceil(FORMS[kind].bits / 8))
}

export const tagOf = (kind: Kind) => FORMS[kind].tag

function split(text: string, given: string): { kind: Kind; value: bigint } {
  const prefix = given.toUpperCase()
  if (!text.startsWith(prefix)) throw new BadCode(ADDRESS.test(text) ? 'wrong_host' : 'not_a_code')
  const digits = text.slice(prefix.length)
  const likely = KINDS.filter((kind) => FORMS[kind].digits === digits.length)
  if (!likely.length || !/^\d+$/.test(digits)) throw new BadCode('malformed')
  const value = BigInt(digits)
  // The largest numbers of so many digits exceed the bits a little and are no kind's.
  const kind = likely.find((one) => value >> BigInt(FORMS[one].bits - 2) === FORMS[one].tag)
  if (!kind) throw new BadCode('malformed')
  return { kind, value }
}
