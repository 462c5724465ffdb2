import { session } from '../api/session'
import { store } from '../api/store'
import type { ChecklistAnswer, Disposition, Finding, Visit } from '../api/types'

export interface DraftPhoto {
  id: string
  name: string
  bytes: ArrayBuffer
  /** Set once it is handed to the outbox, so that a record sent again does not send it twice. */
  handed: boolean
}

export interface Draft {
  answers: Record<string, { answer: ChecklistAnswer | null; note: string }>
  findings: Finding[]
  disposition: Disposition | null
  advice: string
  heads: number | null
  minutes: number | null
  photos: DraftPhoto[]
  /** Why a listed first offence is penalised after all. */
  reason: string
}

export const answerKey = (matterId: string, key: string) => `${matterId}/${key}`

export function emptyDraft(visit: Visit, now = Date.now()): Draft {
  const answers: Draft['answers'] = {}
  for (const matter of visit.matter_list)
    for (const item of matter.checklist) answers[answerKey(matter.id, item.key)] = { answer: null, note: '' }
  const minutes = visit.on_site_at ? Math.max(1, Math.round((now - Date.parse(visit.on_site_at)) / 60_000)) : null
  return {
    answers,
    findings: [],
    disposition: visit.purpose === 'service' ? 'none' : null,
    advice: '',
    heads: visit.inspector_list.length + visit.helpers.length,
    minutes: minutes !== null && minutes <= 600 ? minutes : null,
    photos: [],
    reason: '',
  }
}

const place = (visitId: string) => `${session.me?.id}:${visitId}`

export async function findDraft(visit: Visit): Promise<Draft> {
  const fresh = emptyDraft(visit)
  const kept = (await (await store()).get('drafts', place(visit.id))) as Draft | undefined
  // Keys of the fresh one first: a checklist never loses an item to an older draft.
  return kept ? { ...fresh, ...kept, answers: { ...fresh.answers, ...kept.answers } } : fresh
}

export async function keepDraft(visitId: string, draft: Draft): Promise<void> {
  // Photos are copied by reference, everything else is stripped of Vue's proxies.
  const { photos, ...rest } = draft
  const bare = JSON.parse(JSON.stringify(rest)) as Omit<Draft, 'photos'>
  await (await store()).put('drafts', { ...bare, photos: photos.map((one) => ({ ...one })) }, place(visitId))
}

export async function dropDraft(visitId: string): Promise<void> {
  await (await store()).delete('drafts', place(visitId))
}

export function unanswered(draft: Draft): number {
  return Object.values(draft.answers).filter((one) => one.answer === null).length
}
