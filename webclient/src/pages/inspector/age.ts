import { t } from '../../words/i18n'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export function ageText(since: number, now = Date.now()): string {
  const age = now - since
  if (age < MINUTE) return t('inspector.outbox.now')
  if (age < HOUR) return t('inspector.outbox.minutes', { n: Math.floor(age / MINUTE) })
  if (age < DAY) return t('inspector.outbox.hours', { n: Math.floor(age / HOUR) })
  return t('inspector.outbox.days', { n: Math.floor(age / DAY) })
}

/** Browsers may clear what they hold after days without a visit; a day is when to say so loudly. */
export const isOld = (since: number, now = Date.now()) => now - since > DAY
