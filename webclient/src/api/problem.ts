import type { Reason } from './reasons'

export interface FieldError {
  field: string
  fault: string
  /** The bound that was broken, where there is one. */
  limit?: number | null
  message: string
}

/** An answer the server gave on purpose: an RFC 9457 problem with a reason of the closed list. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly reason: Reason,
    readonly extras: Record<string, unknown> = {},
  ) {
    super(`${status} ${reason}`)
    this.name = 'ApiProblem'
  }

  /** Answers that may change by themselves; everything else stays refused however often it is sent. */
  get passing(): boolean {
    return [401, 408, 425, 429].includes(this.status) || this.status >= 500
  }

  /** Seconds until the server wants to be asked again; 0 when it did not say. */
  get waitS(): number {
    const said = this.extras.retry_after
    return typeof said === 'number' && said > 0 ? said : 0
  }

  get fieldErrors(): FieldError[] {
    const errors = this.extras.errors
    return Array.isArray(errors) ? (errors as FieldError[]) : []
  }
}

/** No answer came: no signal, server down, or the wait was given up. Nobody knows whether it arrived. */
export class Unreachable extends Error {
  constructor(cause?: unknown) {
    super('unreachable', { cause })
    this.name = 'Unreachable'
  }
}

export type Failure = ApiProblem | Unreachable

export function asFailure(error: unknown): Failure {
  if (error instanceof ApiProblem || error instanceof Unreachable) return error
  throw error
}

type IsReason = (text: unknown) => text is Reason

// The list is long and refusals are rare: it comes with the first one. Without signal a reason is taken at its word.
const atItsWord: IsReason = (text): text is Reason => typeof text === 'string'
let loadList: () => Promise<IsReason> = async () => atItsWord

/** Given by whoever puts refusals into words, so that the list and the sentences come together. */
export function tellReasonsBy(load: () => Promise<IsReason>): void {
  loadList = load
}

/** Reads a problem document; an answer without one (a proxy's page) becomes the reason nearest to its status. */
export async function readProblem(response: Response): Promise<ApiProblem> {
  let body: Record<string, unknown> = {}
  try {
    body = (await response.json()) as Record<string, unknown>
  } catch {
    /* not JSON: the status alone must do */
  }
  // A proxy that is asked too often says so in the header alone.
  const wait = Number(response.headers.get('Retry-After'))
  if (wait > 0) body = { retry_after: wait, ...body }
  const isReason = await loadList().catch(() => atItsWord)
  const given = body.reason
  return new ApiProblem(response.status, isReason(given) ? given : reasonOfStatus(response.status), body)
}

function reasonOfStatus(status: number): Reason {
  const known: Record<number, Reason> = {
    401: 'not_signed_in',
    403: 'not_permitted',
    404: 'not_found',
    405: 'method_not_allowed',
    413: 'too_large',
    415: 'unsupported_type',
    422: 'invalid_input',
    429: 'too_many_requests',
    502: 'busy',
    503: 'busy',
    504: 'busy',
  }
  return known[status] ?? 'internal_error'
}
