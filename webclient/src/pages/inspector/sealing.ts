import { session } from '../../api/session'
import type { Visit } from '../../api/types'
import { newId } from '../../api/uuid'
import { t } from '../../words/i18n'
import { unanswered, type Draft } from '../../outbox/draft'
import type { NewItem } from '../../outbox/item'
import { submit, type Outcome } from '../../outbox/outbox'

/** What has to be filled in before it may be sealed. */
export function missingIn(draft: Draft): string[] {
  const open = unanswered(draft)
  const grave = draft.disposition !== null && !['none', 'guidance'].includes(draft.disposition)
  return [
    open > 0 && t('inspector.record.missing', { n: open }),
    grave && !draft.findings.some((one) => one.text.trim()) && t('inspector.record.needFinding'),
    !draft.disposition && t('inspector.record.needDisposition'),
    (!draft.heads || !draft.minutes) && t('inspector.record.needNumbers'),
  ].filter((one): one is string => one !== false)
}

/** 首违不罚: the server judges; the field for the reason is there as soon as it may be asked for. */
export function mayBePenalty(draft: Draft): boolean {
  const listed = draft.findings.some((one) => one.first_offence_id)
  return draft.reason !== '' || (listed && ['case_opened', 'transferred'].includes(draft.disposition ?? ''))
}

/** Hands photos and record to the outbox in one go; the record waits there until its photos have arrived. */
export async function seal(visit: Visit, draft: Draft): Promise<Outcome & { itemId: string }> {
  const of = { userId: session.me?.id ?? '', visitId: visit.id, label: visit.enterprise.name }
  const photos = draft.photos
    .filter((photo) => !photo.handed)
    .map<NewItem>((photo) => ({
      ...of,
      id: photo.id,
      kind: 'evidence',
      path: `/visits/${visit.id}/evidence`,
      file: { name: photo.name, type: 'image/jpeg', bytes: photo.bytes },
    }))
  const id = newId()
  const record: NewItem = {
    ...of,
    id,
    kind: 'record',
    path: `/visits/${visit.id}/record`,
    needs: photos.map((photo) => photo.id),
    body: {
      answers: Object.entries(draft.answers).map(([key, one]) => {
        const [matter_id, item] = key.split('/')
        return { matter_id, key: item, answer: one.answer, note: one.note.trim() }
      }),
      findings: draft.findings.filter((one) => one.text.trim()).map((one) => ({ ...one, text: one.text.trim() })),
      disposition: draft.disposition,
      advice: draft.advice.trim(),
      heads: draft.heads,
      minutes: draft.minutes,
      evidence_ids: draft.photos.map((photo) => photo.id),
      reason: draft.reason.trim(),
    },
  }
  for (const photo of draft.photos) photo.handed = true
  return { ...(await submit(record, photos, 20_000)), itemId: id }
}
