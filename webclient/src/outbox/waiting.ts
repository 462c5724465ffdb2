// What waits to be sent, apart from sending it, so that the navigation need not load the sender.
import { cell } from '../api/cell'
import { session } from '../api/session'
import type { OutboxItem } from './item'

/** All that is kept on this phone, whoever it belongs to, oldest first. */
export const kept = cell<OutboxItem[]>([])

/** What the signed-in person still has to send. */
export const myItems = () => kept.value.filter((item) => item.userId === session.me?.id)
