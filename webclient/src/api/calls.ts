// The contract as functions: one line per operation, typed by the server's own shapes.
import { file, json, type Call, type Query } from './send'
import type {
  Account,
  Agency,
  CodeAnswer,
  Device,
  Enterprise,
  EnterpriseDetail,
  EnterpriseYear,
  Evaluation,
  FrequencyMonth,
  FrequencyRow,
  FrequencyTotals,
  Import,
  ImportKind,
  InspectorRef,
  Listing,
  Matter,
  Me,
  Overview,
  Region,
  Session,
  Visit,
  VisitEvent,
  VisitIn,
  VisitRow,
  VisitState,
} from './types'

const post = <T>(path: string, body?: unknown, call: Call = {}) => json<T>(path, { method: 'POST', body, ...call })
const part = encodeURIComponent

export type EvaluationIn = Omit<Evaluation, 'evaluated_at'>
export type FrequencyPage = Listing<FrequencyRow> & { totals: FrequencyTotals }

/** Sign-in. */
export const signIn = (username: string, password: string, device: string) =>
  post<Session>('/sessions', { username, password, device }, { anonymous: true })
export const getMe = () => json<Me>('/me')
export const listDevices = () => json<{ items: Device[] }>('/sessions')
export const revokeDevice = (id: string) => json<void>(`/sessions/${part(id)}`, { method: 'DELETE' })
export const signOutHere = () => json<void>('/sessions/current', { method: 'DELETE', patience: 4000 })
export const changePassword = (current: string, next: string) => post<void>('/me/password', { current, new: next })

/** Reference. */
export const listRegions = () => json<{ items: Region[] }>('/regions')
export const listAgencies = (query: Query = {}) => json<{ items: Agency[] }>('/agencies', { query })
export const listInspectors = (query: Query) => json<Listing<InspectorRef>>('/inspectors', { query })
export const listMatters = (query: Query) => json<Listing<Matter>>('/matters', { query })
export const listEnterprises = (query: Query) => json<Listing<Enterprise>>('/enterprises', { query })
export const getEnterpriseYear = (id: string) => json<EnterpriseYear>(`/enterprises/${part(id)}/year`)
export const getEnterprise = (id: string) => json<EnterpriseDetail>(`/enterprises/${part(id)}`)

/** Codes. */
export const readCode = (text: string) => json<CodeAnswer>('/codes', { query: { text }, anonymous: true })
export const listKeys = () => json<{ prefix: string; keys: Record<string, string> }>('/keys', { anonymous: true })
export const readCodeImage = (name: string, type: string, bytes: ArrayBuffer) =>
  json<{ texts: string[] }>('/code-images', { method: 'POST', upload: { fields: {}, file: { name, type, bytes } }, patience: 30_000 })

/** Visits. Scans, records and evidence go through the outbox instead. */
export const registerVisit = (body: VisitIn) => post<VisitState>('/visits', body)
export const listVisits = (query: Query) => json<Listing<VisitRow>>('/visits', { query })
export const getVisit = (id: string) => json<Visit>(`/visits/${part(id)}`)
export const listEvents = (id: string) => json<{ items: VisitEvent[] }>(`/visits/${part(id)}/events`)
export const decideVisit = (id: string, decision: 'approve' | 'reject', reason: string) =>
  post<VisitState>(`/visits/${part(id)}/approvals`, { decision, reason })
export const cancelVisit = (id: string, reason: string) => post<VisitState>(`/visits/${part(id)}/cancellations`, { reason })
export const withdrawScan = (id: string, scan: string, reason: string) =>
  post<VisitState>(`/visits/${part(id)}/scans/${part(scan)}/withdrawals`, { reason })
export const turnAway = (id: string, ground: string, reason: string) =>
  post<VisitState>(`/visits/${part(id)}/turn-aways`, { ground, reason })
export const amendRecord = (id: string, text: string, reason: string) =>
  post<VisitState>(`/visits/${part(id)}/amendments`, { text, reason })
export const evaluateVisit = (id: string, body: EvaluationIn) => post<VisitState>(`/visits/${part(id)}/evaluation`, body)
export const getEvidence = (id: string) => file(`/evidence/${part(id)}`)

/** Supervision. */
export const listFrequency = (query: Query) => json<FrequencyPage>('/frequency', { query })
export const listFrequencyMonths = (query: Query) => json<{ items: FrequencyMonth[] }>('/frequency/months', { query })
export const exportFrequency = (kind: 'csv' | 'xlsx', query: Query) => file(`/frequency.${kind}`, query)
export const getOverview = (query: Query) => json<Overview>('/overview', { query })

/** Administration. */
export const importFile = (kind: ImportKind, name: string, type: string, bytes: ArrayBuffer) =>
  json<Import>('/imports', { method: 'POST', upload: { fields: { kind }, file: { name, type, bytes } }, patience: 180_000 })
export const listImports = (query: Query = {}) => json<Listing<Import>>('/imports', { query })
export const getRejectedRows = (id: string) => file(`/imports/${part(id)}/rejected.csv`)
export const getImportTemplate = (kind: ImportKind) => file(`/import-templates/${kind}.xlsx`)
export const listAccounts = (query: Query) => json<Listing<Account>>('/accounts', { query })
export const resetPassword = (id: string) => post<{ password: string }>(`/accounts/${part(id)}/passwords`)
