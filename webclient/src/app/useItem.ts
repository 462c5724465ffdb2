import { onScopeDispose, watch } from 'vue'
import type { ApiProblem } from '../api/problem'
import { refusalOf, type OutboxItem } from '../outbox/item'
import { onDelivered } from '../outbox/outbox'
import { myItems } from '../outbox/waiting'

/** What may become of an item that waits in the outbox, while a page that waits for it is open. */
export interface Told {
  delivered: (reply: unknown) => void
  refused: (problem: ApiProblem, item: OutboxItem) => void
}

/** Watches the outbox for the item that is meant; which one that is may change, or be none for a while. */
export function useItem(isMeant: (item: OutboxItem) => boolean, told: Told): void {
  onScopeDispose(
    onDelivered((item, reply) => {
      if (isMeant(item)) told.delivered(reply)
    }),
  )
  const refused = () => myItems().find((item) => item.refusal && isMeant(item))
  // By its id: each look at the outbox brings another object for the same item.
  watch(
    () => refused()?.id,
    () => {
      const item = refused()
      const problem = item && refusalOf(item)
      if (problem) told.refused(problem, item)
    },
  )
}
