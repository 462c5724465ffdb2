import { beforeEach, describe, expect, test, vi } from 'vitest'
import vectors from '../../../qr/vectors.json'
import { refreshRevocations, standingOf } from './standing'
import { vault } from './vault'

const KEYS = { prefix: vectors.prefix, keys: { [vectors.city_key.key_id]: vectors.city_key.public } }
const LIST = vectors.revocations
const given = vi.fn<() => string | null>()

/** A server that names the city's keys, and a list when it has one. */
function serve(): void {
  vi.stubGlobal(
    'fetch',
    vi.fn(async (address: string) => {
      const list = given()
      if (address.endsWith('/keys')) return Response.json(KEYS)
      if (list === null) throw new TypeError('no network')
      return Response.json({ list })
    }),
  )
}

beforeEach(async () => {
  await (await vault()).clear('lists')
  serve()
})

describe('without the server', () => {
  test('a plaque of the city is genuine as far as the phone can tell', async () => {
    expect(await standingOf(vectors.plaque.text)).toEqual({ verdict: 'genuine' })
  })

  test('a forged one dies on the phone', async () => {
    const last = vectors.plaque.text.slice(-1)
    const other = vectors.plaque.text.slice(0, -1) + ((Number(last) + 1) % 10)

    expect((await standingOf(other)).verdict).toBe('forged')
  })

  test('a living code, a slip and rubbish are for the server to judge', async () => {
    const texts = [vectors.living.text, vectors.slip.text, 'https://example.org/x']

    expect(await Promise.all(texts.map(standingOf))).toEqual(texts.map(() => ({ verdict: 'unknown' })))
  })
})

describe('the list of revocations', () => {
  test('tells of a revoked plaque, and how old it is', async () => {
    given.mockReturnValue(LIST.text)
    await refreshRevocations()
    given.mockReturnValue(null)

    expect(await standingOf(vectors.plaque.text)).toEqual({ verdict: 'revoked', listedAt: LIST.issued_at * 1000 })
  })

  test('is not taken when it does not prove itself', async () => {
    given.mockReturnValue(LIST.text.slice(0, -8) + 'AAAAAAAA')

    await expect(refreshRevocations()).rejects.toThrow()
    expect(await standingOf(vectors.plaque.text)).toEqual({ verdict: 'genuine' })
  })
})
