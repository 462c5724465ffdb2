import { session } from '../api/session'
import type { Phone } from '../code/deviceCode'
import { keysAtHand } from '../code/keys'
import { phoneOf } from './deviceKey'

/** What makes codes here and now: the phone's key, and the address that codes begin with; undefined while one is missing. */
export async function myPhone(): Promise<{ phone: Phone | undefined; prefix: string | undefined }> {
  const [phone, keys] = await Promise.all([phoneOf(session.me?.id ?? '').catch(() => undefined), keysAtHand()])
  return { phone, prefix: keys?.prefix }
}
