// Phones that are enrolled, and what happens at the door; apart from the other calls: no home page needs them.
import { file, json, type Call, type Query } from './send'
import type { DoorReport, DoorReportIn, Listing, Meeting, Phone, Phones, Session, VisitState, Words } from './types'

const post = <T>(path: string, body?: unknown, call: Call = {}) => json<T>(path, { method: 'POST', body, ...call })
const part = encodeURIComponent

export interface PhoneIn {
  public_key: string
  label: string
}

/** Phones. */
export const listPhones = () => json<Phones>('/phones')
export const enrolPhone = (body: PhoneIn, idempotencyKey: string) => post<Phone>('/phones', body, { idempotencyKey })
export const setPhoneRole = (number: number, role: 'owner' | 'clerk') => post<Phone>(`/phones/${number}/role`, { role })
export const revokePhone = (number: number, reason: string) => post<Phone>(`/phones/${number}/revocation`, { reason })
export const enrolBySlip = (body: PhoneIn & { slip: string }) => post<Session & { phone: Phone }>('/enrolments', body, { anonymous: true })
/** Always answered alike, so that strangers learn nothing. */
export const askForText = (uscc: string) => post<{ sent: boolean }>('/activations', { uscc }, { anonymous: true })
export const enrolByText = (body: PhoneIn & { uscc: string; sms_code: string }) =>
  post<Session & { phone: Phone }>('/enrolments', body, { anonymous: true })

/** At the door. */
export const shakeHands = (code: string, phone: number) => post<Meeting>('/handshakes', { code, phone })
export const listMeetings = () => json<{ items: Meeting[] }>('/meetings')
export const getWords = (visit: string) => json<{ items: Words[] }>(`/visits/${part(visit)}/words`)
export const getInspectorPhoto = (inspector: string) => file(`/inspectors/${part(inspector)}/photo`)
export const reportAtDoor = (visit: string, body: DoorReportIn) => post<VisitState>(`/visits/${part(visit)}/door-reports`, body)
export const listDoorReports = (query: Query) => json<Listing<DoorReport>>('/door-reports', { query })
export const closeDoorReport = (id: string, outcome: string) => post<DoorReport>(`/door-reports/${part(id)}/outcome`, { outcome })
