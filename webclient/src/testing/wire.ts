import { vi } from 'vitest'

export interface Sent {
  method: string
  path: string
  query: URLSearchParams
  headers: Headers
  body: unknown
}
type Reply =
  | {
      status?: number
      body?: unknown
      headers?: Record<string, string>
      /** A stream: each value on a line of its own. */ lines?: unknown[]
    }
  | 'lost'
type Rule = (sent: Sent) => Reply | Promise<Reply | undefined> | undefined

/** Fakes HTTP and nothing else; every request is kept, and one that nobody answers fails loudly. */
export function fakeWire(...rules: Rule[]): Sent[] {
  const sent: Sent[] = []
  vi.stubGlobal('fetch', async (address: string, init: RequestInit = {}) => {
    const url = new URL(address, 'http://test')
    const one: Sent = {
      method: init.method ?? 'GET',
      path: url.pathname.replace('/api/v1', ''),
      query: url.searchParams,
      headers: new Headers(init.headers),
      body: typeof init.body === 'string' ? (JSON.parse(init.body) as unknown) : init.body,
    }
    sent.push(one)
    for (const rule of rules) {
      const reply = await rule(one)
      if (reply === 'lost') throw new TypeError('network')
      if (!reply) continue
      const { status = 200, body = {}, headers = {}, lines } = reply
      if (lines)
        return new Response(lines.map((line) => `${JSON.stringify(line)}\n`).join(''), {
          status,
          headers: { 'Content-Type': 'application/x-ndjson' },
        })
      return new Response(status === 204 ? null : JSON.stringify(body), {
        status,
        headers: { 'Content-Type': 'application/json', ...headers },
      })
    }
    throw new Error(`nobody answers ${one.method} ${one.path}`)
  })
  return sent
}

export const problem = (status: number, reason: string, extras: object = {}) => ({
  status,
  body: { type: 'x', title: 'x', status, reason, request_id: 'r', ...extras },
})

/** Answers `method path` with the replies in turn; the last one stays. */
export function on(call: string, ...replies: Reply[]): Rule {
  let turn = 0
  return ({ method, path }) => (`${method} ${path}` === call ? replies[Math.min(turn++, replies.length - 1)] : undefined)
}
