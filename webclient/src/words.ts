import { t } from './i18n'

const RATING_WORDS = ['rating.r1', 'rating.r2', 'rating.r3', 'rating.r4', 'rating.r5'] as const

export const ratingWord = (rating: number): string => {
  const key = RATING_WORDS[rating - 1]
  return key ? t(key) : String(rating)
}
