import { beforeEach, describe, expect, test } from 'vitest'
import { tokens } from '../api/session'
import { store } from '../api/store'
import { bakeryMe, liNaMe, session } from '../testing/cast'
import { fakeWire, on, problem, type Sent } from '../testing/wire'
import { sendable, waitAfter, type NewItem, type OutboxItem } from './item'
import { deliver, deliverNow, discard, onDelivered, outbox, put, reload, retry, submit } from './outbox'
import { kept, myItems } from './waiting'

const scan = (id: string, visitId = 'v1'): NewItem => ({
  id,
  userId: 'account-li',
  kind: 'scan',
  visitId,
  label: '林邑糕点厂',
  path: `/visits/${visitId}/scans`,
  body: { id },
})
const photo = (id: string): NewItem => ({
  ...scan(id),
  kind: 'evidence',
  path: '/visits/v1/evidence',
  body: undefined,
  file: { name: 'p.jpg', type: 'image/jpeg', bytes: new Uint8Array([1, 2, 3]).buffer },
})
const record = (id: string, needs: string[] = []): NewItem => ({
  ...scan(id),
  kind: 'record',
  path: '/visits/v1/record',
  needs,
  body: { evidence_ids: needs },
})
const ids = () => myItems().map((item) => item.id)
const keys = (sent: Sent[]) => sent.map((one) => one.headers.get('Idempotency-Key'))

beforeEach(async () => {
  await (await store()).clear('outbox')
  await reload()
  tokens.forget()
  tokens.keep(session(liNaMe))
})

describe('the outbox', () => {
  test('repeats a lost answer with the same key and forgets the item only when it arrived', async () => {
    const sent = fakeWire(on('POST /visits/v1/scans', 'lost', { status: 201 }))
    await put([scan('s1')])

    await deliver()
    expect([ids(), myItems()[0]!.tries]).toEqual([['s1'], 1])
    await deliverNow()

    expect([ids(), keys(sent)]).toEqual([[], ['s1', 's1']])
  })

  test('keeps everything when nobody is signed in any more, and asks for it', async () => {
    fakeWire(on('POST /visits/v1/scans', problem(401, 'token_expired')), on('POST /sessions/refresh', problem(401, 'session_revoked')))
    await put([scan('s1'), scan('s2', 'v2')])

    await deliver()

    expect([ids(), outbox.needsSignIn]).toEqual([['s1', 's2'], true])
  })

  test('keeps a 409 as refused: it is no success', async () => {
    fakeWire(on('POST /visits/v1/scans', problem(409, 'outside_window', { window_from_at: '2026-11-24T01:00:00Z' })))

    const outcome = await submit(scan('s1'))

    expect(outcome.state).toBe('refused')
    expect(myItems()[0]!.refusal).toMatchObject({ status: 409, reason: 'outside_window' })
  })

  test('does not let a poisoned item stop the rest', async () => {
    const sent = fakeWire(on('POST /visits/v1/scans', problem(422, 'invalid_input')), on('POST /visits/v2/scans', { status: 201 }))
    await put([scan('bad')])
    await put([scan('good', 'v2')])

    await deliver()
    await deliver()

    expect([ids(), keys(sent)]).toEqual([['bad'], ['bad', 'good']])
  })

  test('waits longer after each busy answer but sends the other visits meanwhile', async () => {
    const sent = fakeWire(on('POST /visits/v1/scans', problem(503, 'busy')), on('POST /visits/v2/scans', { status: 201 }))
    await put([scan('s1'), record('r1')])
    await put([scan('s2', 'v2')])

    await deliver()

    expect(keys(sent)).toEqual(['s1', 's2'])
    expect(myItems().map((item) => [item.id, item.tries])).toEqual([
      ['s1', 1],
      ['r1', 0],
    ])
  })

  test.each([
    ['the server', problem(429, 'too_many_requests', { retry_after: 120 }), 120_000],
    ['a proxy, in the header', { status: 429, headers: { 'Retry-After': '120' } }, 120_000],
    ['a stranger on the line, for a year', { status: 503, headers: { 'Retry-After': '31536000' } }, 3_600_000],
  ])('asks again no sooner than %s wants, whoever taps', async (_, answer, waitMs) => {
    const sent = fakeWire(on('POST /visits/v1/scans', answer, { status: 201 }))
    await put([scan('s1')])
    const before = Date.now()

    await deliver()
    await deliverNow()

    expect(keys(sent)).toEqual(['s1'])
    expect(myItems()[0]!.dueAt).toBeGreaterThanOrEqual(before + waitMs)
    expect(myItems()[0]!.dueAt).toBeLessThanOrEqual(Date.now() + waitMs)
    await deliver(before + waitMs + 1000)
    expect(ids()).toEqual([])
  })

  test('sends photos before the record that names them, as the same bytes each time', async () => {
    const sent = fakeWire(on('POST /visits/v1/evidence', 'lost', { status: 201 }), on('POST /visits/v1/record', { status: 201 }))
    await put([record('r1', ['p1']), photo('p1')])

    await deliver()
    await deliverNow()

    expect(keys(sent)).toEqual(['p1', 'p1', 'r1'])
    const [first, second] = await Promise.all(sent.slice(0, 2).map((one) => (one.body as Blob).text()))
    expect(first).toBe(second)
    expect(sent[0]!.headers.get('Content-Type')).toBe('multipart/form-data; boundary=ruqi-p1')
  })

  test('holds a record while its photo is refused and lets it go when the photo is given up', async () => {
    const sent = fakeWire(on('POST /visits/v1/evidence', problem(422, 'unreadable_image')), on('POST /visits/v1/record', { status: 201 }))
    await put([photo('p1'), record('r1', ['p1'])])
    await deliver()
    expect(ids()).toEqual(['p1', 'r1'])

    await discard('p1')
    await deliverNow()

    expect(ids()).toEqual([])
    expect(sent.at(-1)!.body).toEqual({ evidence_ids: [] })
  })

  test('sends a refused item again when its owner says so', async () => {
    fakeWire(on('POST /visits/v1/scans', problem(409, 'not_approved'), { status: 201 }))
    await put([scan('s1')])
    await deliver()

    await retry('s1')

    expect(ids()).toEqual([])
  })

  test('leaves another person’s items alone', async () => {
    const sent = fakeWire()
    await put([scan('s1')])
    tokens.keep(session(bakeryMe))

    await deliver()

    expect([sent.length, ids(), kept.value.length]).toEqual([0, [], 1])
  })

  test('tells open pages what arrived', async () => {
    fakeWire(on('POST /visits/v1/scans', { status: 201, body: { scanned: 1 } }))
    const heard: unknown[] = []
    const stop = onDelivered((item, reply) => heard.push([item.id, reply]))
    await put([scan('s1')])

    await deliver()
    stop()

    expect(heard).toEqual([['s1', { scanned: 1 }]])
  })
})

describe('what may leave', () => {
  const kept = (item: NewItem, changes: Partial<OutboxItem> = {}): OutboxItem => ({
    needs: [],
    ...item,
    createdAt: 0,
    sequence: 0,
    tries: 0,
    dueAt: 0,
    refusal: null,
    ...changes,
  })

  test('a record never overtakes its scan, a refused scan holds nothing', () => {
    const waiting = [kept(scan('s1'), { dueAt: 50 }), kept(record('r1'), { sequence: 1 })]
    const refused = [
      kept(scan('s1'), { refusal: { status: 409, reason: 'not_approved', extras: {} } }),
      kept(record('r1'), { sequence: 1 }),
    ]

    expect(sendable(waiting, 10)).toEqual([])
    expect(sendable(refused, 10).map((item) => item.id)).toEqual(['r1'])
  })

  test('waits double and end at five minutes', () => {
    expect([1, 2, 3, 20].map((tries) => waitAfter(tries, 1))).toEqual([1000, 2000, 4000, 300_000])
  })
})
