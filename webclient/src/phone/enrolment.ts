// Enrolling the phone in hand: its key is made here and stays here.
import { enrolBySlip, enrolByText, enrolPhone, type PhoneIn } from '../api/calls.door'
import { ApiProblem } from '../api/problem'
import { session, tokens } from '../api/session'
import type { Phone, Session } from '../api/types'
import { fromHex } from '../code/bytes'
import { adopted, createKey, enrolled, loadKey } from './deviceKey'

const NOBODY = 'nobody-yet'

/** Keys need a secure page and a database of the browser's; private windows and old web views lack one of them. */
export const canHoldKey = () => window.isSecureContext !== false && Boolean(globalThis.crypto?.subtle) && Boolean(globalThis.indexedDB)

export async function enrolHere(label: string): Promise<Phone> {
  const account = session.me?.id ?? ''
  try {
    // An answer that was lost leaves a key without a number: the same key and the same request get that answer again.
    const waiting = await loadKey(account)
    return await enrol(account, waiting && waiting.device === null ? waiting : await createKey(account), label)
  } catch (error) {
    if (!(error instanceof ApiProblem && ['phone_enrolled', 'idempotency_key_reused'].includes(error.reason))) throw error
    return enrol(account, await createKey(account), label)
  }
}

/** With the one-time code of the plaque sheet; it signs in as well. */
export const enrolWithSlip = (slip: string, label: string) => enrolNew(label, (phone) => enrolBySlip({ ...phone, slip }))

/** With the digits that were texted to the number on file; it signs in as well. */
export const enrolWithText = (uscc: string, digits: string, label: string) =>
  enrolNew(label, (phone) => enrolByText({ ...phone, uscc, sms_code: digits }))

async function enrolNew(label: string, ask: (phone: PhoneIn) => Promise<Session & { phone: Phone }>): Promise<void> {
  const { publicKey } = await createKey(NOBODY)
  const given = await ask({ public_key: base64url(publicKey), label })
  await adopted(NOBODY, given.me.id, given.phone.number)
  tokens.keep(given)
}

async function enrol(account: string, { publicKey }: { publicKey: string }, label: string): Promise<Phone> {
  const phone = await enrolPhone({ public_key: base64url(publicKey), label }, publicKey.slice(2, 38))
  await enrolled(account, publicKey, phone.number)
  return phone
}

const base64url = (hex: string) =>
  btoa(String.fromCharCode(...fromHex(hex)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '')
