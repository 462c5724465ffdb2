import type { Key } from '../words/i18n'
import { readText, tidy } from './plaque'
import { looksLikeSlip, readSlip } from './slip'

export interface Hint {
  says: Key
  values?: Record<string, number>
  /** It praises; anything else is a doubt. */
  sure?: boolean
}

const SLIP = 16

/** What to say of a code while it is being typed; null when there is nothing to say. */
export function doubtOf(typed: string): Hint | null {
  const text = tidy(typed)
  if (!text || text.startsWith('HTTP')) return null
  if (looksLikeSlip(text)) return ofSlip(text)
  if (text.length !== 18) return { says: 'camera.badLength', values: { n: text.length } }
  const read = readText(text)
  return read.kind === 'uscc' && !read.checked ? { says: 'camera.badCheck' } : null
}

function ofSlip(text: string): Hint {
  const n = text.replace(/[-–_.]/g, '').length
  if (n !== SLIP) return { says: 'camera.badSlipLength', values: { n } }
  try {
    readSlip(text, '')
    return { says: 'camera.goodSlip', sure: true }
  } catch {
    // Sixteen characters in a row may also be the beginning of a credit code.
    return { says: /-/.test(text) ? 'camera.badSlip' : 'camera.slipOrUscc' }
  }
}
