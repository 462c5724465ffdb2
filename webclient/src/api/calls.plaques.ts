// An enterprise's entry and the life of its plaques; apart from the other calls: no home page needs them.
import { file, json, send, type Call, type Query } from './send'
import type { Enterprise, EnterpriseDetail, Phones } from './types'

const post = <T>(path: string, body?: unknown, call: Call = {}) => json<T>(path, { method: 'POST', body, ...call })
const part = encodeURIComponent

export interface EnterpriseIn {
  uscc: string
  name: string
  region_code: string
  address: string
}

export const addEnterprise = (body: EnterpriseIn) => post<Enterprise>('/enterprises', body)

export const issuePlaque = (enterprise: string, body: { site: string; reason: string }) =>
  post<EnterpriseDetail>(`/enterprises/${part(enterprise)}/plaques`, body)
export const revokePlaque = (serial: number, body: { reason: string; lost: boolean }) =>
  post<EnterpriseDetail>(`/plaques/${serial}/revocations`, body)
/** Its owner, or the administrator, has it back. */
export const findPlaque = (serial: number, note: string) => post<EnterpriseDetail>(`/plaques/${serial}/finds`, { note })
/** A stranger has picked it up: no name is asked for. */
export const reportFind = (text: string, note: string) => post<{ found_at: string }>('/plaque-finds', { text, note }, { anonymous: true })

export const getPlaque = (serial: number, kind: 'pdf' | 'svg' | 'png') => file(`/plaques/${serial}.${kind}`)
export const getPlaqueSheets = (query: Query) => file('/plaque-sheets.pdf', query)
/** The plaque and, to be sealed, a fresh activation code: each call makes another, so it is no GET. */
export const printSealedSheet = async (serial: number) =>
  (await send(`/plaques/${serial}/sealed-sheet`, { method: 'POST', patience: 120_000 })).blob()
export const listPhonesOf = (enterprise: string) => json<Phones>(`/enterprises/${part(enterprise)}/phones`)
