// An enterprise's tiers and its quiet days; apart from the other calls: no home page needs them at once.
import { json } from './send'
import type { QuietDays, Tiers } from './types'

const part = encodeURIComponent
const post = <T>(path: string, body?: unknown) => json<T>(path, { method: 'POST', body })

export const getQuietDays = (enterprise: string) => json<QuietDays>(`/enterprises/${part(enterprise)}/quiet-days`)
export const chooseQuietDay = (enterprise: string, on: string) => post<QuietDays>(`/enterprises/${part(enterprise)}/quiet-days`, { on })
export const giveUpQuietDay = (enterprise: string, on: string) =>
  json<QuietDays>(`/enterprises/${part(enterprise)}/quiet-days/${part(on)}`, { method: 'DELETE' })
export const getTiers = (enterprise: string) => json<Tiers>(`/enterprises/${part(enterprise)}/tiers`)
export const setTier = (
  enterprise: string,
  body: { risk: string; credit: string; department: string; since_on: string; because: string },
) => post<Tiers>(`/enterprises/${part(enterprise)}/tiers`, body)
