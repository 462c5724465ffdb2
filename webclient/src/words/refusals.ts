// Refusals in words. They are rare and their sentences many, so these come with the first one, in the language that is read.
import { cell } from '../api/cell'
import type { FieldError } from '../api/problem'
import type { Reason } from '../api/reasons'
import { locale, t } from './i18n'
import type { Words } from './reasons'

const sentences = cell<typeof import('./reasons') | null>(null)
const english = cell<typeof import('./reasons.en') | null>(null)

/** Brings the sentences, and how to tell a reason from any other text. */
export async function loadReasons(): Promise<(typeof import('./reasons'))['isReason']> {
  const [{ isReason }] = await Promise.all([loadChinese(), locale.language === 'en' ? loadEnglish() : undefined])
  return isReason
}
const loadChinese = async () => (sentences.value ??= await import('./reasons'))
const loadEnglish = async () => (english.value ??= await import('./reasons.en'))

export function reasonWords(reason: Reason): Words {
  const spoken = locale.language === 'en' ? english.value : sentences.value
  if (!spoken) void loadReasons().catch(() => undefined)
  return spoken?.reasons[reason] ?? { says: t('state.refused'), next: '' }
}

/** The sentence of a reason that the server stored or named inside a longer answer; anything unknown stays as it is. */
export function reasonSays(given: string): string {
  if (!sentences.value) void loadReasons().catch(() => undefined)
  return sentences.value?.isReason(given) ? reasonWords(given).says : given
}

/** What is wrong with one field; the server's own words when the sentences could not be fetched. */
export const faultSays = (error: FieldError) => sentences.value?.faultSays(error, locale.language, t) ?? error.message
