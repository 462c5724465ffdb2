// The city's signed list of what no longer counts, the twin of qr/revocations.py. A phone never goes back to an older one.
import { ascii, joinBytes, toNumber, type Bytes } from './bytes'
import { checkCity, type Keys } from './city'
import type { Plaque } from './plaque'
import { BadCode } from './token'
import { vault } from './vault'

export interface Revocations {
  sequence: number
  /** Seconds since 1970: how old the phone's knowledge is. */
  issuedAt: number
  serials: ReadonlySet<number>
  keyIds: ReadonlySet<number>
}

const VERSION = 1
const FIXED_BYTES = 13
const SIGNATURE_BYTES = 64
const DOMAIN = 'ruqi/revocations/1\0'
const KEPT = 'revocations'

export const isRevoked = (plaque: Plaque, list: Revocations) => list.serials.has(plaque.serial) || list.keyIds.has(plaque.keyId)

/** Reads and proves a list; BadCode when it does not prove itself, `expired` when it is older than the one `known`. */
export async function openRevocations(text: string, keys: Keys, known = -1): Promise<Revocations> {
  const whole = decoded(text)
  const body = whole.slice(0, -SIGNATURE_BYTES)
  if (body.length <= FIXED_BYTES || body[0] !== VERSION) throw new BadCode('malformed')
  await checkCity(body[1]!, whole.slice(-SIGNATURE_BYTES), joinBytes(ascii(DOMAIN + keys.prefix.toUpperCase()), body), keys)
  const number = (from: number, to: number) => Number(toNumber(body.slice(from, to)))
  const sequence = number(2, 6)
  if (sequence < known) throw new BadCode('expired')
  const mask = number(11, 13)
  return {
    sequence,
    issuedAt: number(6, 11),
    serials: serialsOf(body.slice(FIXED_BYTES)),
    keyIds: new Set(Array.from({ length: 16 }, (_, keyId) => keyId).filter((keyId) => (mask >> keyId) & 1)),
  }
}

/** The list kept on this phone; undefined when there is none, or its key is no longer trusted. */
export async function keptRevocations(keys: Keys): Promise<Revocations | undefined> {
  const text = await (await vault()).get('lists', KEPT)
  return text === undefined ? undefined : openRevocations(text, keys).catch(() => undefined)
}

/** Takes in a list from the server and gives the newest; raises BadCode and keeps the old one when it is older or unproven. */
export async function takeRevocations(text: string, keys: Keys): Promise<Revocations> {
  const kept = await keptRevocations(keys)
  const list = await openRevocations(text, keys, kept?.sequence)
  await (await vault()).put('lists', text, KEPT)
  return list
}

function decoded(text: string): Bytes {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) throw new BadCode('not_a_code')
  let letters: string
  try {
    letters = atob(text.replace(/-/g, '+').replace(/_/g, '/'))
  } catch {
    throw new BadCode('not_a_code')
  }
  // One spelling: base64 would ignore the bits that are left over.
  if (btoa(letters).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '') !== text) throw new BadCode('malformed')
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0))
}

function serialsOf(packed: Uint8Array): Set<number> {
  const [count, ...distances] = varints(packed)
  const serials = new Set<number>()
  let serial = 0
  for (const distance of distances) serials.add((serial += distance))
  if (distances.length !== count) throw new BadCode('malformed')
  return serials
}

/** Seven bits a byte, lowest first; serials of 40 bits are too wide for the bit operators. */
function varints(packed: Uint8Array): number[] {
  const numbers: number[] = []
  let number = 0
  let weight = 1
  for (const byte of packed) {
    number += (byte & 0x7f) * weight
    weight *= 128
    if (byte < 0x80) {
      numbers.push(number)
      number = 0
      weight = 1
    }
  }
  return numbers
}
