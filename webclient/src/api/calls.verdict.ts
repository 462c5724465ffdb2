// What the clauses say of one visit, and what they ask for; apart from the other calls: no home page needs them.
import { json, type Query } from './send'
import type { Evidence, FirstOffence, Listing, Planned, Preview, VisitState } from './types'

const part = encodeURIComponent
const post = <T>(path: string, body?: unknown) => json<T>(path, { method: 'POST', body })

export const previewVisit = (body: Planned) => post<Preview>('/registrations/preview', body)
export const liftBlock = (visit: string, clause: string, lifted: boolean, reason: string) =>
  post<VisitState>(`/visits/${part(visit)}/verdicts/${part(clause)}/lift`, { lifted, reason })
export const confirmVisit = (visit: string, tookPlace: boolean) =>
  post<VisitState>(`/visits/${part(visit)}/confirmation`, { took_place: tookPlace })

/** 首违不罚: acts that are not punished the first time. */
export const listFirstOffences = (query: Query) => json<Listing<FirstOffence>>('/first-offences', { query })

/** Off site: what the enterprise answers, in words and files. */
export const sendMaterial = (visit: string, text: string) => post<VisitState>(`/visits/${part(visit)}/materials`, { text })
export const sendFile = (visit: string, id: string, name: string, type: string, bytes: ArrayBuffer) =>
  json<Evidence>(`/visits/${part(visit)}/evidence`, {
    method: 'POST',
    upload: { fields: { id }, file: { name, type, bytes } },
    patience: 60_000,
  })
