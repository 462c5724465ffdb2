// One-time codes on paper, the twin of qr/slips.py: fourteen random characters and two that betray a mistake.
import { toBytes, toNumber } from './bytes'
import { BadCode, plain, readToken, tagOf, writeToken } from './token'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const RANDOM = 14
const LENGTH = 16
// The letters left out look like these, or sound like them.
const MEANT: Record<string, string> = { I: '1', L: '1', O: '0', U: 'V' }

/** The code as it is printed, `XXXX-XXXX-XXXX-XXXX`, of what was scanned or typed; raises BadCode when it was mistaken. */
export function readSlip(text: string, prefix: string): string {
  const meant = plain(text)
  if (!meant.includes('://')) return grouped(valuesOf(meant))
  const body = readToken(meant, 'slip', prefix)
  const number = toNumber(body)
  if ((number >> 80n) & 15n) throw new BadCode('malformed')
  const values = Array.from({ length: LENGTH }, (_, place) => Number((number >> BigInt(5 * (LENGTH - 1 - place))) & 31n))
  return grouped(checked(values))
}

/** The code as a token, for a symbol. */
export function slipToken(code: string, prefix: string): string {
  const number = valuesOf(plain(code)).reduce((sum, value) => (sum << 5n) | BigInt(value), 0n)
  return writeToken('slip', toBytes((tagOf('slip') << 84n) | number, 11), prefix)
}

/** Whether somebody is typing a slip, not a social credit code: sixteen characters, or groups of four. */
export function looksLikeSlip(text: string): boolean {
  const spelled = text.replace(/[\s\-\u2013_.]/g, '')
  return spelled.length === LENGTH || /^\w{4}-(\w{1,4}-?)*$/.test(text.trim())
}

function valuesOf(code: string): number[] {
  const spelled = Array.from(code.replace(/[ \-_.]/g, ''), (letter) => MEANT[letter] ?? letter)
  const values = spelled.map((letter) => ALPHABET.indexOf(letter))
  if (values.length !== LENGTH || values.includes(-1)) throw new BadCode('not_a_code')
  return checked(values)
}

function checked(values: number[]): number[] {
  const [first, second] = checksOf(values.slice(0, RANDOM))
  if (values[RANDOM] !== first || values[RANDOM + 1] !== second) throw new BadCode('malformed')
  return values
}

/** The remainder of a Reed-Solomon code over 32 elements with the generator x² + 3x + 2. */
function checksOf(values: readonly number[]): [number, number] {
  let first = 0
  let second = 0
  for (const value of values) {
    const carry = first ^ value
    first = second ^ doubled(carry) ^ carry
    second = doubled(carry)
  }
  return [first, second]
}

/** Doubling in the field over x⁵ + x² + 1. */
const doubled = (value: number) => (value << 1) ^ (value & 16 ? 0b100101 : 0)

function grouped(values: readonly number[]): string {
  const spelled = values.map((value) => ALPHABET[value]).join('')
  return spelled.match(/.{4}/g)!.join('-')
}
