import { getVisit } from '../../api/calls'
import { session } from '../../api/session'
import { keep } from '../../api/store'
import type { VisitRow } from '../../api/types'
import { getKeys } from '../../code/keys'

const MOST = 12

/**
 * Fetches what today's visits need without signal: their matters and checklists, the keys that tell a forged code,
 * and the list of those that no longer count.
 */
export async function keepForOffline(rows: readonly VisitRow[]): Promise<void> {
  try {
    await getKeys()
    // Not a part of the home page: it has nothing to read yet.
    await import('../../code/standing').then(({ refreshRevocations }) => refreshRevocations())
    // One after the other: these must not hold up what the person is waiting for.
    for (const row of rows.slice(0, MOST)) await keep(`${session.me?.id}:visit:${row.id}`, await getVisit(row.id))
  } catch {
    /* only a precaution: the page itself has its data already */
  }
}
