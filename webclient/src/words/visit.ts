import type { VisitRow } from '../api/types'
import { t } from './i18n'

const RATING_WORDS = ['rating.r1', 'rating.r2', 'rating.r3', 'rating.r4', 'rating.r5'] as const

export const ratingWord = (rating: number): string => {
  const key = RATING_WORDS[rating - 1]
  return key ? t(key) : String(rating)
}

/** What kind of visit it is; a service visit's basis says nothing that its purpose did not. */
export const kindOf = (visit: Pick<VisitRow, 'purpose' | 'basis'>): string =>
  visit.basis === visit.purpose ? t(`purpose.${visit.purpose}`) : `${t(`purpose.${visit.purpose}`)} · ${t(`basis.${visit.basis}`)}`
