// Operations of the rules, apart from the other calls: no home page needs them.
import { json } from './api'
import type { Planned, Preview, VisitState } from './types'

const part = encodeURIComponent
const post = <T>(path: string, body: unknown) => json<T>(path, { method: 'POST', body })

export const previewVisit = (body: Planned) => post<Preview>('/registrations/preview', body)
export const liftBlock = (visit: string, clause: string, lifted: boolean, reason: string) => post<VisitState>(`/visits/${part(visit)}/verdicts/${part(clause)}/lift`, { lifted, reason })
export const confirmVisit = (visit: string, tookPlace: boolean) => post<VisitState>(`/visits/${part(visit)}/confirmation`, { took_place: tookPlace })
