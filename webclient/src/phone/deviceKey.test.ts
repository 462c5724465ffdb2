import { beforeEach, describe, expect, test } from 'vitest'
import vectors from '../../../qr/vectors.json'
import { ascii, joinBytes, toHex } from '../code/bytes'
import { makeLiving, openLiving } from '../code/deviceCode'
import { keptRevocations, takeRevocations } from '../code/revocations'
import { vault } from '../code/vault'
import { createKey, enrolled, forgetKey, loadKey, phoneOf } from './deviceKey'

const PREFIX = vectors.prefix
const cityKeys = { prefix: PREFIX, keys: { [vectors.city_key.key_id]: vectors.city_key.public } }

beforeEach(async () => {
  const db = await vault()
  await Promise.all([db.clear('keys'), db.clear('lists')])
})

describe('the phone’s key', () => {
  test('is kept, cannot be read out, and makes codes once the phone has a number', async () => {
    const made = await createKey('account-bakery')
    expect(made.publicKey).toMatch(/^04[0-9a-f]{128}$/)
    expect(await phoneOf('account-bakery')).toBeUndefined()

    expect(await enrolled('account-bakery', made.publicKey, 77)).toBe(true)
    const phone = (await phoneOf('account-bakery'))!

    expect(phone.key.extractable).toBe(false)
    await expect(crypto.subtle.exportKey('jwk', phone.key)).rejects.toThrow()
    const code = await makeLiving(phone, PREFIX)
    expect(await openLiving(code, { prefix: PREFIX, keyOf: () => made.publicKey })).toMatchObject({ device: 77 })
  })

  test('is one for each account, and a number goes only to the key it was given to', async () => {
    const first = await createKey('account-bakery')
    const second = await createKey('account-bakery')

    expect(await enrolled('account-bakery', first.publicKey, 77)).toBe(false)
    expect((await loadKey('account-bakery'))?.publicKey).toBe(second.publicKey)
    expect(await loadKey('account-other')).toBeUndefined()
  })

  test('can be forgotten', async () => {
    const { publicKey } = await createKey('account-bakery')
    await forgetKey('account-bakery')

    expect(await loadKey('account-bakery')).toBeUndefined()
    expect(await enrolled('account-bakery', publicKey, 77)).toBe(false)
  })
})

describe('the kept list of revocations', () => {
  test('is none at first, then the newest', async () => {
    expect(await keptRevocations(cityKeys)).toBeUndefined()
    await takeRevocations(vectors.revocations.text, cityKeys)
    expect((await keptRevocations(cityKeys))?.sequence).toBe(7)
  })

  test('does not go back to an older one, nor to a forged one', async () => {
    const pair = (await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify'])) as CryptoKeyPair
    const keys = { prefix: PREFIX, keys: { 3: toHex(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))) } }
    const list = async (sequence: number) => {
      const body = Uint8Array.of(1, 3, 0, 0, 0, sequence, 0, 0, 0, 0, 9, 0, 0, 0)
      const signature = await crypto.subtle.sign(
        { name: 'Ed25519' },
        pair.privateKey,
        joinBytes(ascii('ruqi/revocations/1\0' + PREFIX), body),
      )
      return btoa(String.fromCharCode(...body, ...new Uint8Array(signature)))
        .replace(/\+/g, '-')
        .replace(/\//g, '_')
        .replace(/=+$/, '')
    }
    await takeRevocations(await list(5), keys)

    await expect(takeRevocations(await list(4), keys)).rejects.toThrow('expired')
    await expect(takeRevocations(vectors.revocations.text, keys)).rejects.toThrow('forged')
    expect((await keptRevocations(keys))?.sequence).toBe(5)
    expect(await takeRevocations(await list(6), keys)).toMatchObject({ sequence: 6, issuedAt: 9 })
  })

  test('does not count once its key is no longer trusted', async () => {
    await takeRevocations(vectors.revocations.text, cityKeys)
    expect(await keptRevocations({ ...cityKeys, keys: {} })).toBeUndefined()
  })
})
