import { reactive, readonly } from 'vue'
import type { Me, Session } from './types'

interface Stored {
  access_token: string
  refresh_token: string
  expires_at: number
  me: Me
}

const KEY = 'ruqi.session'
const state = reactive<{ me: Me | null; expired: boolean }>({ me: read()?.me ?? null, expired: false })

/** Who is signed in on this device. `me` outlives the network, so that an inspector offline still has a home page. */
export const session = readonly(state) as Readonly<{ me: Me | null; expired: boolean }>

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
    const stored: Stored = { access_token: given.access_token, refresh_token: given.refresh_token, expires_at: now + given.expires_in * 1000, me: given.me }
    localStorage.setItem(KEY, JSON.stringify(stored))
    state.me = given.me
    state.expired = false
  },
  /** The server no longer takes us. The person stays known, so that waiting work keeps its owner. */
  expire() {
    const stored = read()
    if (stored) localStorage.setItem(KEY, JSON.stringify({ ...stored, access_token: '', refresh_token: '', expires_at: 0 }))
    state.expired = true
  },
  forget() {
    localStorage.removeItem(KEY)
    state.me = null
    state.expired = false
  },
}

export function signedIn(): boolean {
  return Boolean(read()?.refresh_token)
}
