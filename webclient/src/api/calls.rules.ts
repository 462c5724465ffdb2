// Operations of the rules and of what they rest on, apart from the other calls: no home page needs them.
import { json, send, type Query } from './send'
import { Unreachable } from './problem'
import type { Draw, DrawRow, Evidence, FirstOffence, Lift, Listing, Plan, Planned, PlanRow, Policy, Preview, Proposal, QuietDays, ReplayIn, Shares, Tiers, VisitState } from './types'

const part = encodeURIComponent
const post = <T>(path: string, body?: unknown) => json<T>(path, { method: 'POST', body })

/** Registration and visits. */
export const previewVisit = (body: Planned) => post<Preview>('/registrations/preview', body)
export const liftBlock = (visit: string, clause: string, lifted: boolean, reason: string) => post<VisitState>(`/visits/${part(visit)}/verdicts/${part(clause)}/lift`, { lifted, reason })
export const confirmVisit = (visit: string, tookPlace: boolean) => post<VisitState>(`/visits/${part(visit)}/confirmation`, { took_place: tookPlace })

/** One visit for several agencies. */
export const proposeJoin = (visit: string, matter_ids: string[], inspector_ids: string[], note = '') => post<Proposal>(`/visits/${part(visit)}/proposals`, { matter_ids, inspector_ids, note })
export const listProposals = (query: Query) => json<Listing<Proposal>>('/proposals', { query })
export const answerProposal = (id: string, accepted: boolean, reason: string) => post<Proposal>(`/proposals/${part(id)}/answer`, { accepted, reason })

/** What an enterprise brings along. */
export const getQuietDays = (enterprise: string) => json<QuietDays>(`/enterprises/${part(enterprise)}/quiet-days`)
export const chooseQuietDay = (enterprise: string, on: string) => post<QuietDays>(`/enterprises/${part(enterprise)}/quiet-days`, { on })
export const giveUpQuietDay = (enterprise: string, on: string) => json<QuietDays>(`/enterprises/${part(enterprise)}/quiet-days/${part(on)}`, { method: 'DELETE' })
export const getTiers = (enterprise: string) => json<Tiers>(`/enterprises/${part(enterprise)}/tiers`)
export const setTier = (enterprise: string, body: { risk: string; credit: string; department: string; since_on: string; because: string }) => post<Tiers>(`/enterprises/${part(enterprise)}/tiers`, body)

/** 首违不罚: acts that are not punished the first time. */
export const listFirstOffences = (query: Query) => json<Listing<FirstOffence>>('/first-offences', { query })

/** Off site: what the enterprise answers, in words and files. */
export const sendMaterial = (visit: string, text: string) => post<VisitState>(`/visits/${part(visit)}/materials`, { text })
export const sendFile = (visit: string, id: string, name: string, type: string, bytes: ArrayBuffer) =>
  json<Evidence>(`/visits/${part(visit)}/evidence`, { method: 'POST', upload: { fields: { id }, file: { name, type, bytes } }, patience: 60_000 })

/** Supervision. */
export const getPolicy = () => json<Policy>('/policy')
export const listLifts = (query: Query) => json<Listing<Lift>>('/lifts', { query })
export const getShares = (query: Query) => json<Shares>('/shares', { query })

/** Plans and draws. */
export const listPlans = (query: Query) => json<Listing<PlanRow>>('/plans', { query })
export const makePlan = (year: number) => post<Plan>('/plans', { year })
export const getPlan = (id: string) => json<Plan>(`/plans/${part(id)}`)
export const addPlanItem = (id: string, item: { matter_code: string; times: number; month: number | null }, because: string) => post<Plan>(`/plans/${part(id)}/items`, { items: [item], because })
export const dropPlanItem = (id: string, item: string) => json<Plan>(`/plans/${part(id)}/items/${part(item)}`, { method: 'DELETE' })
export const approvePlan = (id: string) => post<Plan>(`/plans/${part(id)}/approval`)
export const publishPlan = (id: string) => post<Plan>(`/plans/${part(id)}/publication`)
export const listDraws = (query: Query) => json<Listing<DrawRow>>('/draws', { query })
export const getDraw = (id: string) => json<Draw>(`/draws/${part(id)}`)
export const commitDraw = (body: { title: string; region: string; take: number; team: number }) => post<Draw>('/draws', body)
export const runDraw = (id: string) => post<Draw>(`/draws/${part(id)}/result`)

export interface ReplayRow {
  clause: string
  title: string
  title_en: string
  agency: string
  blocked: number
  warned: number
}
export interface ReplayResult {
  pack: string
  from_on: string
  to_on: string
  judged: number
  blocked: number
  warned: number
  rows: ReplayRow[]
  /** What clauses said of the same visits when they were registered. */
  then: Record<string, { warn?: number; block?: number }>
  samples: Record<string, string[]>
}
export interface ReplayLine {
  done?: number
  total?: number
  result?: ReplayResult
  error?: string
}

/** Past visits judged by a pack: a line whenever it has come further, the result on the last. */
export async function* replayPolicy(body: ReplayIn): AsyncGenerator<ReplayLine, void, undefined> {
  const response = await send('/policy/replays', { method: 'POST', body, patience: 60_000 })
  const reader = response.body?.getReader()
  if (!reader) throw new Unreachable()
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw new Unreachable(error)
      })
      rest += decoder.decode(value, { stream: !done })
      const lines = rest.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line) yield JSON.parse(line) as ReplayLine
      if (done) return
    }
  } finally {
    void reader.cancel().catch(() => undefined)
  }
}
