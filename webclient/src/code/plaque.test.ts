import { beforeAll, describe, expect, test } from 'vitest'
import { toHex as hex } from './bytes'
import { readText, signedBytes, tidy, usccChecks, verify, type Keys, type PlaqueToken } from './plaque'

const PREFIX = 'HTTPS://RUQI.TEST/E/'
let pair: CryptoKeyPair
let keys: Keys

beforeAll(async () => {
  pair = (await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify'])) as CryptoKeyPair
  keys = { prefix: PREFIX, keys: { '3': hex(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))) } }
})

/** An independent writer of tokens, as the server's. */
async function write(serial: number, keyId = 3): Promise<string> {
  const message = signedBytes({ prefix: PREFIX, keyId, serial })
  const signature = new Uint8Array(await crypto.subtle.sign({ name: 'Ed25519' }, pair.privateKey, message))
  const head = (BigInt(keyId) << 40n) | BigInt(serial)
  return PREFIX + ((head << 512n) | BigInt('0x' + hex(signature))).toString().padStart(168, '0')
}
const open = (text: string) => readText(text) as PlaqueToken

describe('a plaque', () => {
  test('gives back its key id and serial, in any case and in full-width letters', async () => {
    const text = await write(987_654_321_012)

    expect(open(text)).toMatchObject({ kind: 'plaque', keyId: 3, serial: 987_654_321_012, prefix: PREFIX })
    expect(open(text.toLowerCase())).toMatchObject({ serial: 987_654_321_012 })
    expect(tidy('ｈｔｔｐｓ：／／ａ。b')).toBe('HTTPS://A.B')
  })

  test('covers domain, prefix, key id and serial', () => {
    expect(hex(signedBytes({ prefix: 'HTTP://A/E/', keyId: 15, serial: 2 ** 40 - 1 }))).toBe(
      `${hex(new TextEncoder().encode('ruqi/plaque/1\0HTTP://A/E/'))}0fffffffffff`,
    )
  })

  test('is genuine when the signature holds', async () => {
    expect(await verify(open(await write(7)), keys)).toBe('genuine')
  })

  test('is forged when any part was changed', async () => {
    const text = await write(7)
    const last = text.endsWith('1') ? '2' : '1'

    expect(await verify(open(text.slice(0, -1) + last), keys)).toBe('forged')
    expect(await verify({ ...open(text), serial: 8 }, keys)).toBe('forged')
  })

  test('is unknown without keys, with a newer key, or from another host', async () => {
    const token = open(await write(7))

    expect(await verify(token, undefined)).toBe('unknown')
    expect(await verify(token, { ...keys, keys: {} })).toBe('unknown')
    expect(await verify({ ...token, prefix: 'HTTPS://ELSEWHERE/E/' }, keys)).toBe('unknown')
  })

  test('is told from the other kinds, and from numbers that are no kind', () => {
    const living = ((1n << 44n) << 512n).toString().padStart(168, '0')
    expect(readText(PREFIX + living)).toMatchObject({ kind: 'living', prefix: PREFIX })
    expect(readText(PREFIX + '9'.repeat(168)).kind).toBe('foreign')
  })
})

describe('other texts', () => {
  test('a social credit code is found, typed or inside a licence link', () => {
    expect(readText(' 91350100m000100y43 ')).toMatchObject({ kind: 'uscc', text: '91350100M000100Y43', checked: true })
    expect(readText('https://licence.test/?uniscid=91350100M000100Y43&x=1')).toMatchObject({ kind: 'uscc' })
    expect(usccChecks('91350100M000100Y44')).toBe(false)
  })

  test('a slip is found as it was typed, and put in order', () => {
    expect(readText('k7qm 3xwf9zpa 5dpe')).toMatchObject({ kind: 'slip', text: 'K7QM-3XWF-9ZPA-5DPE' })
    expect(readText('K7QM-3XWF-9ZPA-5DPF').kind).toBe('foreign')
  })

  test('anything else is foreign', () => {
    for (const text of ['', 'hello', 'https://RUQI.TEST/E/123', '12345678901234567']) expect(readText(text).kind, text).toBe('foreign')
  })
})
