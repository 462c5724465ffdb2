import { getVisit, listVisits } from '../../api/calls'
import { ApiProblem, Unreachable } from '../../api/problem'
import { session } from '../../api/session'
import { findKept } from '../../api/store'
import type { ScanAnswer, Visit, VisitRow } from '../../api/types'
import { newId } from '../../api/uuid'
import { makeVisit } from '../../code/deviceCode'
import { standingOf, type Standing } from '../../code/standing'
import { myPhone } from '../../phone/myPhone'
import type { Code } from '../../camera/code'
import { findPlace } from '../../camera/position'
import { submit, type Outcome } from '../../outbox/outbox'

export type Result =
  | { state: 'passed'; answer: ScanAnswer }
  | { state: 'refused'; problem: ApiProblem; itemId: string }
  | ({ state: 'kept'; itemId: string; scannedAt: string } & Standing)

/** Sends one scan for a visit through the outbox and says what is known of it. */
export async function scanIn(
  visit: Pick<VisitRow, 'id'> & { enterprise: { name: string } },
  code: Code,
  now = Date.now(),
): Promise<Result> {
  const id = newId()
  const scannedAt = new Date(now).toISOString()
  const place = await findPlace()
  const outcome: Outcome = await submit({
    id,
    userId: session.me?.id ?? '',
    kind: 'scan',
    visitId: visit.id,
    label: visit.enterprise.name,
    path: `/visits/${visit.id}/scans`,
    body: { id, code: code.text, method: code.method, scanned_at: scannedAt, place, phone_code: await signedMoment(visit.id, now) },
  })
  if (outcome.state === 'delivered') return { state: 'passed', answer: outcome.reply as ScanAnswer }
  if (outcome.state === 'refused') return { state: 'refused', problem: outcome.problem, itemId: id }
  // A code that cannot count dies on the phone, but its scan is kept and reported all the same.
  return { state: 'kept', itemId: id, scannedAt, ...(await standingOf(code.text)) }
}

/** An enrolled phone signs the moment of the scan: also heard late, it proves which phone was there. */
async function signedMoment(visit: string, now: number): Promise<string | null> {
  const { phone, prefix } = await myPhone()
  return phone && prefix ? makeVisit(phone, visit, prefix, { now }).catch(() => null) : null
}

/** The visit from the server, or the copy kept for offline use. */
export async function findVisit(id: string): Promise<Visit> {
  try {
    return await getVisit(id)
  } catch (error) {
    const kept = error instanceof Unreachable ? await findKept<Visit>(`${session.me?.id}:visit:${id}`) : undefined
    if (kept) return kept.value
    throw error
  }
}

/** The inspector's visits that may be scanned at an enterprise today. */
export async function visitsAt(enterpriseId: string): Promise<VisitRow[]> {
  const { items } = await listVisits({ mine: true, open: true, enterprise_id: enterpriseId })
  return items.filter(mayBeScanned)
}

/** Without signal a plaque does not tell its enterprise, so the person chooses among what was kept. */
export async function keptVisits(uscc: string | null): Promise<VisitRow[]> {
  const kept = await findKept<{ open: VisitRow[]; overdue: VisitRow[] }>(`${session.me?.id}:today`)
  return (kept?.value.open ?? []).filter((one) => mayBeScanned(one) && (uscc === null || one.enterprise.uscc === uscc))
}

const mayBeScanned = (visit: VisitRow) => ['registered', 'approved', 'on_site'].includes(visit.stage)
