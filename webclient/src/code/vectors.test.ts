import { describe, expect, test } from 'vitest'
import vectors from '../../../qr/vectors.json'
import { fromHex } from './bytes'
import { makeLiving, makeVisit, openLiving, openVisit, secondsLeft, stepAt, type Phone, type Trust } from './deviceCode'
import { openPlaque } from './plaque'
import { isRevoked, openRevocations } from './revocations'
import { readSlip, slipToken } from './slip'
import { BadCode, kindOf, looksLike, plain, type Kind } from './token'

// The same file is read by the Python tests: both sides agree, or one of them fails.
const { prefix, city_key: city, device_key: deviceKey } = vectors
const now = vectors.at * 1000
const keys = { prefix, keys: { [city.key_id]: city.public } }
const trust: Trust = { prefix, keyOf: (device) => (device === deviceKey.device ? deviceKey.public : undefined), clock: { now } }
const OTHER = { prefix: 'HTTPS://OTHER.TEST/E/' }

const opening: Record<Kind, (text: string) => Promise<unknown>> = {
  plaque: (text) => openPlaque(text, keys),
  living: (text) => openLiving(text, trust),
  visit: (text) => openVisit(text, trust),
  slip: async (text) => readSlip(text, prefix),
}
const texts: Record<Kind, string> = {
  plaque: vectors.plaque.text,
  living: vectors.living.text,
  visit: vectors.visit.text,
  slip: vectors.slip.text,
}
const KINDS = Object.keys(texts) as Kind[]

const faultOf = (trying: Promise<unknown>) =>
  trying.then(
    () => 'accepted',
    (error: unknown) => (error instanceof BadCode ? error.reason : `raised ${String(error)}`),
  )

async function phone(): Promise<Phone> {
  const base64 = (hex: string) =>
    btoa(String.fromCharCode(...fromHex(hex)))
      .replace(/\+/g, '-')
      .replace(/\//g, '_')
      .replace(/=+$/, '')
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    d: base64(deviceKey.secret),
    x: base64(deviceKey.public.slice(2, 66)),
    y: base64(deviceKey.public.slice(66)),
  }
  return {
    device: deviceKey.device,
    key: await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']),
  }
}

describe('tokens that the server wrote', () => {
  test('open, each as its kind', async () => {
    expect(await openPlaque(texts.plaque, keys)).toEqual({ keyId: city.key_id, serial: vectors.plaque.serial })
    expect(await openLiving(texts.living, trust)).toEqual({ device: deviceKey.device, step: vectors.living.step })
    expect(await openVisit(texts.visit, trust)).toEqual({ device: deviceKey.device, step: vectors.visit.step, visit: vectors.visit.visit })
    expect(readSlip(texts.slip, prefix)).toBe(vectors.slip.code)
    expect(slipToken(vectors.slip.code, prefix)).toBe(texts.slip)
    for (const kind of KINDS) expect([kindOf(texts[kind], prefix), looksLike(texts[kind])]).toEqual([kind, { prefix, kind }])
  })

  test('open in any case, with spaces around, in full-width forms', async () => {
    const wide = Array.from(texts.plaque, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)).join('')
    for (const text of [texts.plaque.toLowerCase(), ` \u200b${texts.plaque}\ufeff\n`, wide])
      expect(await openPlaque(text, keys)).toMatchObject({ serial: vectors.plaque.serial })
    // Letters beyond ASCII whose capitals are ASCII.
    for (const text of ['httpſ://qy.gov.cn/e/1', 'ı', '', 'a'.repeat(601)]) expect(() => plain(text), text).toThrow('not_a_code')
  })

  test.each(vectors.refused)('$what, as $as: $reason', async ({ as, text, reason }) => {
    expect(await faultOf(opening[as as Kind](text))).toBe(reason)
  })

  test.each(KINDS)('%s passes as no other kind', async (kind) => {
    for (const other of KINDS.filter((one) => one !== kind)) expect(await faultOf(opening[other](texts[kind])), other).toBe('wrong_kind')
  })

  // A slip's digits are only what a camera reads; its proof is that the server knows it, its check is by character (below).
  test.each(KINDS.filter((kind) => kind !== 'slip'))('%s is refused with any digit changed', async (kind) => {
    const text = texts[kind]
    const accepted: number[] = []
    for (let place = prefix.length; place < text.length; place++) {
      const changed = text.slice(0, place) + ((Number(text[place]) + 1 + (place % 9)) % 10) + text.slice(place + 1)
      const fault = await faultOf(opening[kind](changed))
      if (!['forged', 'malformed', 'unknown_key', 'wrong_kind', 'expired', 'not_yet'].includes(fault)) accepted.push(place)
    }
    expect(accepted).toEqual([])
  })

  test.each(KINDS)('%s of another host is refused', async (kind) => {
    const text = texts[kind].replace('QY.GOV.CN', 'OTHER.TEST')
    expect(await faultOf(opening[kind](text))).toBe('wrong_host')
    // What was signed for one host is worth nothing at another.
    const elsewhere = {
      plaque: () => openPlaque(text, { ...keys, ...OTHER }),
      living: () => openLiving(text, { ...trust, ...OTHER }),
      visit: () => openVisit(text, { ...trust, ...OTHER }),
    }
    if (kind !== 'slip') expect(await faultOf(elsewhere[kind]())).toBe('forged')
  })
})

describe('codes made on the phone', () => {
  test('open again, with a clock that is off and knows it', async () => {
    const clock = { now: now - 3_600_000, offset: 3_600_000 }
    const living = await makeLiving(await phone(), prefix, clock)
    const visit = await makeVisit(await phone(), vectors.visit.visit, prefix, clock)

    expect(await openLiving(living, trust)).toEqual({ device: deviceKey.device, step: vectors.living.step })
    expect(await openVisit(visit, trust)).toMatchObject({ visit: vectors.visit.visit })
    expect(await faultOf(openLiving(await makeLiving(await phone(), prefix, { now: clock.now }), trust))).toBe('expired')
  })

  test('hold one step to either side, and across the wrap of the step’s bits', async () => {
    for (const at of [now, 2 ** 18 * 30_000 * 300]) {
      const living = await makeLiving(await phone(), prefix, { now: at })
      const openedAt = (later: number) => faultOf(openLiving(living, { ...trust, clock: { now: at + later * 30_000 } }))
      expect([await openedAt(-2), await openedAt(-1), await openedAt(0), await openedAt(1), await openedAt(2)]).toEqual([
        'not_yet',
        'accepted',
        'accepted',
        'accepted',
        'expired',
      ])
    }
  })

  test('of an unknown phone are refused, and of an impossible one not made', async () => {
    const stranger = await makeLiving({ ...(await phone()), device: 5 }, prefix, { now })
    expect(await faultOf(openLiving(stranger, trust))).toBe('unknown_key')
    for (const device of [-1, 2 ** 26, 1.5])
      await expect(makeLiving({ ...(await phone()), device }, prefix, { now })).rejects.toThrow(RangeError)
    await expect(makeVisit(await phone(), 'visit-bakery', prefix, { now })).rejects.toThrow(RangeError)
  })

  test('tell when the next one is due', () => {
    expect([stepAt({ now }), secondsLeft({ now }), secondsLeft({ now: now + 29_000 })]).toEqual([vectors.living.step, 30, 1])
  })
})

describe('slips', () => {
  const code = vectors.slip.code

  test('may be typed with dashes, spaces, or nothing between, and with the letters that are not in it', () => {
    for (const text of [code, code.replaceAll('-', ''), code.toLowerCase().replaceAll('-', ' '), code.replaceAll('-', '_')])
      expect(readSlip(text, prefix)).toBe(code)
    const withOnes = '1010-VVVV-0000-00'
    const checked = slipWith(withOnes.replaceAll('-', ''))
    expect(readSlip(checked.replace(/1/g, 'I').replace(/V/g, 'U').replace(/0/g, 'O'), prefix)).toBe(checked)
    expect(readSlip(checked.replace(/1/g, 'l'), prefix)).toBe(checked)
  })

  test('any one wrong character, and any two swapped, are noticed', () => {
    const letters = code.replaceAll('-', '')
    const passed: string[] = []
    const attempt = (text: string) => {
      if (text === letters) return
      try {
        passed.push(readSlip(text, prefix))
      } catch {
        /* noticed */
      }
    }
    for (let i = 0; i < letters.length; i++) {
      for (const letter of '0123456789ABCDEFGHJKMNPQRSTVWXYZ') attempt(letters.slice(0, i) + letter + letters.slice(i + 1))
      for (let k = i + 1; k < letters.length; k++)
        attempt(letters.slice(0, i) + letters[k] + letters.slice(i + 1, k) + letters[i] + letters.slice(k + 1))
    }
    expect(passed).toEqual([])
  })

  /** Finds the two check characters by trying. */
  function slipWith(random: string): string {
    const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
    for (const a of alphabet)
      for (const b of alphabet) {
        try {
          return readSlip(random + a + b, prefix)
        } catch {
          /* the next pair */
        }
      }
    throw new Error('no check characters')
  }
})

describe('the list of revocations', () => {
  const { text, ...said } = vectors.revocations

  test('opens and says what no longer counts', async () => {
    const list = await openRevocations(text, keys)

    expect({ sequence: list.sequence, issued_at: list.issuedAt, serials: [...list.serials], key_ids: [...list.keyIds] }).toEqual(said)
    expect(
      [
        { serial: 5, keyId: 1 },
        { serial: 6, keyId: 9 },
        { serial: 6, keyId: 1 },
      ].map((one) => isRevoked(one, list)),
    ).toEqual([true, true, false])
  })

  test('is refused when it is older, changed, spelled otherwise, or not ours', async () => {
    const faults: [string, string][] = [
      ['A' + 'B' + text.slice(2), 'malformed'],
      [text + '=', 'not_a_code'],
      ['', 'not_a_code'],
      ['AQMA', 'malformed'],
      [text.slice(0, -1) + 'h', 'malformed'],
      [text.slice(0, 30) + 'A' + text.slice(31), 'forged'],
    ]
    for (const [changed, fault] of faults) expect([changed, await faultOf(openRevocations(changed, keys))]).toEqual([changed, fault])
    expect(await faultOf(openRevocations(text, keys, 8))).toBe('expired')
    expect(await faultOf(openRevocations(text, keys, 7))).toBe('accepted')
    expect(await faultOf(openRevocations(text, { ...keys, keys: {} }))).toBe('unknown_key')
    expect(await faultOf(openRevocations(text, { ...keys, ...OTHER }))).toBe('forged')
  })
})
