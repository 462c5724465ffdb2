import { ApiProblem } from '../api/problem'
import type { Reason } from '../api/reasons'

export type OutboxKind = 'scan' | 'evidence' | 'record'

/** One changing call that has to reach the server, however long that takes. Its id is the Idempotency-Key. */
export interface OutboxItem {
  id: string
  userId: string
  kind: OutboxKind
  visitId: string
  /** What the person recognises it by: the enterprise's name. */
  label: string
  path: string
  body?: unknown
  /** An ArrayBuffer, never a Blob: WebKit loses Blobs kept in IndexedDB. */
  file?: { name: string; type: string; bytes: ArrayBuffer }
  /** Ids of items that must have arrived before this one makes sense (a record names its photos). */
  needs: string[]
  createdAt: number
  /** Orders items written within the same millisecond. */
  sequence: number
  tries: number
  dueAt: number
  /** Before this moment the server does not want to be asked again, whatever happens here. */
  notBefore?: number
  refusal: { status: number; reason: Reason; extras: Record<string, unknown> } | null
}

export type NewItem = Pick<OutboxItem, 'id' | 'userId' | 'kind' | 'visitId' | 'label' | 'path'> &
  Partial<Pick<OutboxItem, 'body' | 'file' | 'needs'>>

/** The server's "no" to an item, as it was heard. */
export const refusalOf = ({ refusal }: OutboxItem): ApiProblem | null =>
  refusal && new ApiProblem(refusal.status, refusal.reason, refusal.extras)

const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 5 * 60_000
// Our own limits count at most an hour; a stranger on the line who says "next year" is not believed.
const LONGEST_TOLD_MS = 60 * 60_000

/** Doubles with each try; the random half keeps a whole city's phones from coming back in the same second. */
export function waitAfter(tries: number, random = Math.random()): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1)) * (0.5 + random / 2)
}

/** When an item is sent again that was not taken now: not before the server wants it. */
export function later(item: OutboxItem, told: number, now = Date.now()): OutboxItem {
  const tries = item.tries + 1
  const notBefore = told > 0 ? now + Math.min(LONGEST_TOLD_MS, told * 1000) : 0
  return { ...item, tries, notBefore, dueAt: Math.max(notBefore, now + waitAfter(tries)) }
}

/**
 * What may leave now, oldest first. Within a visit the order of acting is kept: a record never overtakes its scan.
 * A refused item holds back only those that name it; it must not stop the rest.
 */
export function sendable(items: readonly OutboxItem[], now: number): OutboxItem[] {
  const present = new Set(items.map((item) => item.id))
  const holding = new Set<string>()
  const free: OutboxItem[] = []
  for (const item of [...items].sort(byAge)) {
    if (item.refusal) continue
    const held = holding.has(item.visitId) || item.needs.some((id) => present.has(id))
    if (!held && item.dueAt <= now) free.push(item)
    // Photos of one visit are independent of each other; only a scan keeps its followers waiting.
    if (item.kind === 'scan') holding.add(item.visitId)
  }
  return free
}

export function byAge(a: OutboxItem, b: OutboxItem): number {
  return a.createdAt - b.createdAt || a.sequence - b.sequence
}
