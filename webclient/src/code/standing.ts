// What the phone itself knows of a code when the server cannot be asked: whether the city signed it, and whether it
// still counted when the newest list of revocations came. An early warning only: the server decides.
import { json } from '../api/send'
import { getKeys } from './keys'
import { readText, verify, type Verdict } from './plaque'
import { isRevoked, keptRevocations, takeRevocations } from './revocations'

export interface Standing {
  verdict: Verdict | 'revoked'
  /** Milliseconds since 1970: how old the phone's list of revocations is; undefined when it has none. */
  listedAt?: number
}

export async function standingOf(text: string): Promise<Standing> {
  const read = readText(text)
  // Living codes and slips only the server can prove; what is no code at all is nobody's.
  if (read.kind !== 'plaque') return { verdict: 'unknown' }
  const keys = await getKeys()
  const list = keys && (await keptRevocations(keys).catch(() => undefined))
  // A key that was revoked is no longer among those that the server names, yet the list knows it.
  const verdict = list && isRevoked(read, list) ? 'revoked' : await verify(read, keys)
  return { verdict, ...(list && { listedAt: list.issuedAt * 1000 }) }
}

/** Fetches the newest list while there is a network; a list that does not prove itself, or is older, is not taken. */
export async function refreshRevocations(): Promise<void> {
  const keys = await getKeys()
  if (!keys) return
  const { list } = await json<{ list: string }>('/revocations', { anonymous: true })
  await takeRevocations(list, keys)
}
