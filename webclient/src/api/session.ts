import { cell } from './cell'
import type { Me, Session } from './types'

interface Stored {
  access_token: string
  refresh_token: string
  expires_at: number
  me: Me
}

const KEY = 'ruqi.session'
const me = cell<Me | null>(read()?.me ?? null)
const expired = cell(false)

/** Who is signed in on this device. `me` outlives the network, so that an inspector offline still has a home page. */
export const session = {
  get me() {
    return me.value
  },
  get expired() {
    return expired.value
  },
}

/** Storage is read afresh each time: another tab may have rotated the tokens in the meantime. */
function read(): Stored | null {
  try {
    const text = localStorage.getItem(KEY)
    return text ? (JSON.parse(text) as Stored) : null
  } catch {
    return null
  }
}

export const tokens = {
  get: read,
  keep(given: Session, now = Date.now()) {
    const stored: Stored = {
      access_token: given.access_token,
      refresh_token: given.refresh_token,
      expires_at: now + given.expires_in * 1000,
      me: given.me,
    }
    localStorage.setItem(KEY, JSON.stringify(stored))
    me.value = given.me
    expired.value = false
  },
  /** The server no longer takes us. The person stays known, so that waiting work keeps its owner. */
  expire() {
    const stored = read()
    if (stored) localStorage.setItem(KEY, JSON.stringify({ ...stored, access_token: '', refresh_token: '', expires_at: 0 }))
    expired.value = true
  },
  forget() {
    localStorage.removeItem(KEY)
    me.value = null
    expired.value = false
  },
}

export function signedIn(): boolean {
  return Boolean(read()?.refresh_token)
}
