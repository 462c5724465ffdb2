// The policy pack in force, exceptions from it, and the past judged by another; apart from the other calls: no home page
// needs them.
import { Unreachable } from './problem'
import { json, send, type Query } from './send'
import type { Lift, Listing, Policy, ReplayIn, Shares } from './types'

export const getPolicy = () => json<Policy>('/policy')
export const listLifts = (query: Query) => json<Listing<Lift>>('/lifts', { query })
export const getShares = (query: Query) => json<Shares>('/shares', { query })

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
