import { beforeEach, describe, expect, test } from 'vitest'
import { liNaMe, session } from '../testing/cast'
import { fakeWire, on, problem } from '../testing/wire'
import { ApiProblem, Unreachable } from './problem'
import { json, queryString } from './send'
import { session as signedIn, tokens } from './session'

beforeEach(() => {
  tokens.forget()
  tokens.keep(session(liNaMe))
})

describe('a call', () => {
  test('carries the token, and a key only when it changes something', async () => {
    const sent = fakeWire(on('GET /me', { body: liNaMe }), on('POST /visits', { status: 201 }))

    await json('/me')
    await json('/visits', { method: 'POST', body: {} })

    expect(sent[0]!.headers.get('Authorization')).toBe('Bearer access')
    expect(sent[0]!.headers.get('Idempotency-Key')).toBeNull()
    expect(sent[1]!.headers.get('Idempotency-Key')).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('turns a problem document into its reason and extras', async () => {
    fakeWire(on('GET /visits/1', problem(409, 'wrong_stage', { stage: 'recorded' })))

    const error = (await json('/visits/1').catch((one: unknown) => one)) as ApiProblem

    expect([error.status, error.reason, error.extras.stage, error.passing]).toEqual([409, 'wrong_stage', 'recorded', false])
  })

  test('takes silence for silence', async () => {
    fakeWire(on('GET /me', 'lost'))

    await expect(json('/me')).rejects.toBeInstanceOf(Unreachable)
  })
})

describe('an expired token', () => {
  const fresh = { status: 200, body: { ...session(liNaMe, 'second'), refresh_token: 'next' } }

  test('is refreshed once for all calls that meet it, and each keeps its key', async () => {
    const sent = fakeWire(
      ({ headers, path }) =>
        path !== '/sessions/refresh' && headers.get('Authorization') === 'Bearer access' ? problem(401, 'token_expired') : undefined,
      on('POST /sessions/refresh', fresh),
      on('GET /me', { body: liNaMe }),
      on('POST /visits', { status: 201 }),
    )

    await Promise.all([json('/me'), json('/me'), json('/visits', { method: 'POST', body: {} })])

    expect(sent.filter((one) => one.path === '/sessions/refresh').map((one) => one.body)).toEqual([{ refresh_token: 'refresh' }])
    const keys = sent.filter((one) => one.path === '/visits').map((one) => one.headers.get('Idempotency-Key'))
    expect(new Set(keys).size).toBe(1)
    expect(tokens.get()?.refresh_token).toBe('next')
  })

  test('is refreshed before it is used when its time is known to be over', async () => {
    tokens.keep(session(liNaMe), Date.now() - 900_000)
    const sent = fakeWire(on('POST /sessions/refresh', fresh), on('GET /me', { body: liNaMe }))

    await json('/me')

    expect(sent.map((one) => one.path)).toEqual(['/sessions/refresh', '/me'])
  })

  test('that cannot be refreshed ends the session but not the memory of its owner', async () => {
    fakeWire(on('POST /sessions/refresh', problem(401, 'session_revoked')), on('GET /me', problem(401, 'token_expired')))

    await expect(json('/me')).rejects.toMatchObject({ reason: 'session_revoked' })

    expect([signedIn.expired, signedIn.me?.name]).toEqual([true, '李娜'])
  })

  test('survives a refresh that the network swallowed', async () => {
    fakeWire(on('POST /sessions/refresh', 'lost'), on('GET /me', problem(401, 'token_expired')))

    await expect(json('/me')).rejects.toBeInstanceOf(Unreachable)

    expect(signedIn.expired).toBe(false)
  })
})

test('empty filters are left out of the address', () => {
  expect(queryString({ q: '', mine: true, overdue: false, stage: undefined, enterprise_id: ['a', 'b'], limit: 20 })).toBe(
    '?mine=1&enterprise_id=a&enterprise_id=b&limit=20',
  )
})
