// Yearly plans, random draws and proposals to join; apart from the other calls: no home page needs them.
import { json, type Query } from './send'
import type { Draw, DrawRow, Listing, Plan, PlanRow, Proposal } from './types'

const part = encodeURIComponent
const post = <T>(path: string, body?: unknown) => json<T>(path, { method: 'POST', body })

/** Plans and draws. */
export const listPlans = (query: Query) => json<Listing<PlanRow>>('/plans', { query })
export const makePlan = (year: number) => post<Plan>('/plans', { year })
export const getPlan = (id: string) => json<Plan>(`/plans/${part(id)}`)
export const addPlanItem = (id: string, item: { matter_code: string; times: number; month: number | null }, because: string) =>
  post<Plan>(`/plans/${part(id)}/items`, { items: [item], because })
export const dropPlanItem = (id: string, item: string) => json<Plan>(`/plans/${part(id)}/items/${part(item)}`, { method: 'DELETE' })
export const approvePlan = (id: string) => post<Plan>(`/plans/${part(id)}/approval`)
export const publishPlan = (id: string) => post<Plan>(`/plans/${part(id)}/publication`)
export const listDraws = (query: Query) => json<Listing<DrawRow>>('/draws', { query })
export const getDraw = (id: string) => json<Draw>(`/draws/${part(id)}`)
export const commitDraw = (body: { title: string; region: string; take: number; team: number }) => post<Draw>('/draws', body)
export const runDraw = (id: string) => post<Draw>(`/draws/${part(id)}/result`)

/** One visit for several agencies. */
export const proposeJoin = (visit: string, matter_ids: string[], inspector_ids: string[], note = '') =>
  post<Proposal>(`/visits/${part(visit)}/proposals`, { matter_ids, inspector_ids, note })
export const listProposals = (query: Query) => json<Listing<Proposal>>('/proposals', { query })
export const answerProposal = (id: string, accepted: boolean, reason: string) =>
  post<Proposal>(`/proposals/${part(id)}/answer`, { accepted, reason })
