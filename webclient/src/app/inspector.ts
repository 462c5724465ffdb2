import { dropDraft } from '../outbox/draft'
import { onDelivered, reload, watchNetwork } from '../outbox/outbox'
import { keepOffline } from './updates'

let started = false

/** What an inspector's device does besides showing pages; called at start and after sign-in. */
export function start(): void {
  if (started) return
  started = true
  void reload()
  // A draft is kept until the server has the record, so that a late refusal can still be put right.
  onDelivered((item) => {
    if (item.kind === 'record') void dropDraft(item.visitId)
  })
  watchNetwork()
  void keepOffline().catch(() => undefined)
}
