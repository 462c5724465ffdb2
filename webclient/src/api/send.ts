// Every request of the client leaves through `send`; nothing else calls fetch.
import { noteServerTime } from './clock'
import { ApiProblem, readProblem, Unreachable } from './problem'
import { tokens } from './session'
import type { Session } from './types'
import { newId } from './uuid'

const BASE = '/api/v1'
const PATIENCE_MS = 15_000

export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>

export interface Upload {
  fields: Record<string, string>
  file: { name: string; type: string; bytes: ArrayBuffer }
}

export interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  query?: Query
  body?: unknown
  upload?: Upload
  /** Given by callers who may repeat the same request (the outbox); everyone else gets a fresh one. */
  idempotencyKey?: string
  /** Sign-in itself and public pages must not try to refresh. */
  anonymous?: boolean
  patience?: number
}

export function queryString(query: Query = {}): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === '' || value === false) continue
    if (Array.isArray(value)) for (const one of value) params.append(name, one)
    else params.append(name, value === true ? '1' : String(value))
  }
  const text = params.toString()
  return text ? `?${text}` : ''
}

export async function json<T>(path: string, call: Call = {}): Promise<T> {
  const response = await send(path, call)
  if (response.status === 204) return undefined as T
  return (await response.json()) as T
}

export async function file(path: string, query: Query = {}): Promise<Blob> {
  return (await send(path, { query, patience: 120_000 })).blob()
}

/** Sends one request and returns its answer; raises ApiProblem for a "no" and Unreachable for silence. */
export async function send(path: string, call: Call = {}): Promise<Response> {
  // One key for both tries: the first may have been done before its 401 or its lost answer reached us.
  const key = call.idempotencyKey ?? newId()
  if (call.anonymous) return checked(await once(path, call, key, null))
  let access = tokens.get()?.access_token ?? ''
  if (isStale()) access = await refreshed(access)
  const response = await once(path, call, key, access)
  if (response.status !== 401) return checked(response)
  const problem = await readProblem(response)
  if (problem.reason === 'session_revoked') {
    tokens.expire()
    throw problem
  }
  return checked(await once(path, call, key, await refreshed(access)))
}

async function checked(response: Response): Promise<Response> {
  if (response.ok) return response
  throw await readProblem(response)
}

async function once(path: string, call: Call, key: string, access: string | null): Promise<Response> {
  const method = call.method ?? 'GET'
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (access) headers.Authorization = `Bearer ${access}`
  if (method !== 'GET') headers['Idempotency-Key'] = key
  let body: BodyInit | undefined
  if (call.upload) {
    headers['Content-Type'] = `multipart/form-data; boundary=ruqi-${key}`
    body = multipart(call.upload, `ruqi-${key}`)
  } else if (call.body !== undefined) {
    headers['Content-Type'] = 'application/json'
    body = JSON.stringify(call.body)
  }
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), call.patience ?? PATIENCE_MS)
  try {
    const sentAt = Date.now()
    const response = await fetch(BASE + path + queryString(call.query), { method, headers, body, signal: abort.signal })
    noteServerTime(response.headers.get('Date'), sentAt, Date.now())
    return response
  } catch (error) {
    throw new Unreachable(error)
  } finally {
    clearTimeout(timer)
  }
}

/** Built by hand so that a repeat is the same to the last byte: the browser's own boundary changes with every send. */
function multipart(upload: Upload, boundary: string): Blob {
  const quoted = (text: string) => text.replace(/[\r\n]/g, ' ').replace(/"/g, '%22')
  const fields = Object.entries(upload.fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  const disposition = `Content-Disposition: form-data; name="file"; filename="${quoted(upload.file.name)}"`
  const head = `--${boundary}\r\n${disposition}\r\nContent-Type: ${upload.file.type || 'application/octet-stream'}\r\n\r\n`
  return new Blob([...fields, head, upload.file.bytes, `\r\n--${boundary}--\r\n`])
}

function isStale(now = Date.now()): boolean {
  const stored = tokens.get()
  return Boolean(stored?.refresh_token) && stored!.expires_at - now < 5_000
}

let refreshing: Promise<string> | null = null

/** A new access token. A refresh token works once and a second use revokes the device, hence one flight at a time, across tabs too. */
function refreshed(used: string): Promise<string> {
  refreshing ??= alone(async () => {
    const stored = tokens.get()
    if (!stored?.refresh_token) {
      tokens.expire()
      throw new ApiProblem(401, 'not_signed_in')
    }
    if (stored.access_token !== used && !isStale()) return stored.access_token
    const response = await once('/sessions/refresh', { method: 'POST', body: { refresh_token: stored.refresh_token } }, newId(), null)
    if (response.ok) {
      const given = (await response.json()) as Session
      tokens.keep(given)
      return given.access_token
    }
    const problem = await readProblem(response)
    if (!problem.passing || problem.status === 401) tokens.expire()
    throw problem
  }).finally(() => {
    refreshing = null
  })
  return refreshing
}

function alone<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks ? (navigator.locks.request('ruqi.refresh', work) as Promise<T>) : work()
}
