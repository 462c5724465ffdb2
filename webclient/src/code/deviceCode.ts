// Codes that an enrolled phone makes anew every 30 seconds, the twin of qr/device_codes.py: the enterprise's living
// code, the inspector's visit code. They need no network, only a clock that knows how far it is off.
import { ascii, fromHex, joinBytes, toBytes, toHex, toNumber, type Bytes } from './bytes'
import { BadCode, readToken, tagOf, writeToken, type Kind } from './token'

export const STEP_S = 30
const MAX_DEVICE = 2 ** 26 - 1
// A code holds in its own step and one on either side: clocks differ, and scanning takes time.
const DRIFT = 1
const STEP_BITS = 18n
const HEAD_BYTES = 6
const SIGNATURE_BYTES = 64
const CURVE = { name: 'ECDSA', namedCurve: 'P-256' }
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' }

type DeviceKind = Extract<Kind, 'living' | 'visit'>

/** Milliseconds: the phone's clock, and what to add to it to get the server's. */
export interface Clock {
  now?: number
  offset?: number
}

export interface Phone {
  /** The number that the server gave when the phone was enrolled. */
  device: number
  /** May sign; it need not be extractable. */
  key: CryptoKey
}

export interface Trust {
  prefix: string
  /** The public key, 65 bytes in hex, of an enrolled phone that is not revoked. */
  keyOf: (device: number) => string | undefined
  clock?: Clock
  drift?: number
}

export interface LivingCode {
  device: number
  /** A pair of device and step counts once; the text does not, its signature has a twin. */
  step: number
}
export type VisitCode = LivingCode & { visit: string }

/** Add this to the phone's clock: what the server said its time is, taken as of the middle of the request. */
export const offsetTo = (serverTime: number, sentAt: number, receivedAt: number) => serverTime - (sentAt + receivedAt) / 2

const secondsOf = ({ now = Date.now(), offset = 0 }: Clock) => (now + offset) / 1000
export const stepAt = (clock: Clock = {}) => Math.floor(secondsOf(clock) / STEP_S)
/** How long the code of this moment is shown. */
export const secondsLeft = (clock: Clock = {}) => STEP_S - (Math.floor(secondsOf(clock)) % STEP_S)

export const makeLiving = (phone: Phone, prefix: string, clock?: Clock) => make('living', phone, new Uint8Array(), prefix, clock)
export const makeVisit = async (phone: Phone, visit: string, prefix: string, clock?: Clock) =>
  make('visit', phone, uuidBytes(visit), prefix, clock)

/** Reads and proves a living code as of the moment; raises BadCode. */
export async function openLiving(text: string, trust: Trust): Promise<LivingCode> {
  const { device, step } = await open('living', text, trust)
  return { device, step }
}

export async function openVisit(text: string, trust: Trust): Promise<VisitCode> {
  const { device, step, payload } = await open('visit', text, trust)
  const hex = toHex(payload)
  return { device, step, visit: [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-') }
}

async function make(kind: DeviceKind, { device, key }: Phone, payload: Bytes, prefix: string, clock?: Clock): Promise<string> {
  const step = stepAt(clock)
  if (!Number.isInteger(device) || device < 0 || device > MAX_DEVICE || step < 0)
    throw new RangeError('a device or time that no code can carry')
  const value = (tagOf(kind) << 44n) | (BigInt(device) << STEP_BITS) | (BigInt(step) & ((1n << STEP_BITS) - 1n))
  const head = toBytes(value, HEAD_BYTES)
  const signature = await crypto.subtle.sign(SIGNING, key, messageOf(kind, prefix, head, step, payload))
  return writeToken(kind, joinBytes(head, payload, new Uint8Array(signature)), prefix)
}

async function open(kind: DeviceKind, text: string, { prefix, keyOf, clock, drift = DRIFT }: Trust) {
  const body = readToken(text, kind, prefix)
  const head = body.slice(0, HEAD_BYTES)
  const payload = body.slice(HEAD_BYTES, -SIGNATURE_BYTES)
  const signature = body.slice(-SIGNATURE_BYTES)
  const value = toNumber(head)
  const device = Number((value >> STEP_BITS) & BigInt(MAX_DEVICE))
  const raw = keyOf(device)
  if (!raw) throw new BadCode('unknown_key')
  const now = stepAt(clock)
  const step = nearest(Number(value & ((1n << STEP_BITS) - 1n)), now)
  const key = await crypto.subtle.importKey('raw', fromHex(raw), CURVE, false, ['verify'])
  if (step < 0 || !(await crypto.subtle.verify(SIGNING, key, signature, messageOf(kind, prefix, head, step, payload))))
    throw new BadCode('forged')
  if (Math.abs(step - now) > drift) throw new BadCode(step < now ? 'expired' : 'not_yet')
  return { device, step, payload }
}

/** The whole step that ends in these bits and is nearest to now. */
function nearest(lastBits: number, now: number): number {
  const round = 2 ** Number(STEP_BITS)
  const ahead = (((lastBits - now + round / 2) % round) + round) % round
  return now - round / 2 + ahead
}

/** All but the prefix have a fixed width, so there is one reading. */
function messageOf(kind: DeviceKind, prefix: string, head: Bytes, step: number, payload: Bytes): Bytes {
  return joinBytes(ascii(`ruqi/${kind}/1\0${prefix.toUpperCase()}`), head, toBytes(BigInt(step), 8), payload)
}

function uuidBytes(uuid: string): Bytes {
  const hex = uuid.replace(/-/g, '')
  if (!/^[0-9a-f]{32}$/i.test(hex)) throw new RangeError('not the id of a visit')
  return fromHex(hex)
}
