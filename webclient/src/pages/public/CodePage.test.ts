import { fireEvent } from '@testing-library/dom'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import vectors from '../../../../qr/vectors.json'
import { tokens } from '../../api/session'
import { bakery, bakeryMe, liNaMe, session } from '../../testing/cast'
import { show } from '../../testing/render'
import { fakeWire, on, problem } from '../../testing/wire'
import CodePage from './CodePage.vue'

const genuine = on('GET /codes', { body: { kind: 'plaque', enterprise: bakery, serial: 7, issued_at: '2026-01-01T00:00:00Z' } })
const digits = '0'.repeat(168)

beforeEach(() => tokens.forget())

describe('a plaque opened by any camera', () => {
  test('says whose it is and lets a stranger choose how to sign in', async () => {
    const sent = fakeWire(genuine)

    const { screen } = await show(CodePage, { digits })

    await screen.findByRole('heading', { name: '这是真的企业码' })
    expect(screen.getByText('林邑糕点厂')).toBeTruthy()
    expect(screen.getAllByRole('button', { name: /去登录$/ })).toHaveLength(2)
    expect(sent[0]!.query.get('text')).toMatch(/\/E\/0{168}$/)
  })

  test('offers an inspector to scan in', async () => {
    tokens.keep(session(liNaMe))
    fakeWire(genuine)

    const { screen } = await show(CodePage, { digits })

    expect(await screen.findByRole('button', { name: '为这家企业扫码入企' })).toBeTruthy()
  })

  test('leads the enterprise to its own page', async () => {
    tokens.keep(session(bakeryMe))
    fakeWire(genuine)

    const { screen } = await show(CodePage, { digits })

    expect(await screen.findByRole('button', { name: '打开我的首页' })).toBeTruthy()
    expect(screen.queryByText('这不是您企业的码。')).toBeNull()
  })

  test('warns of a forged code and says what to do', async () => {
    fakeWire(on('GET /codes', problem(409, 'forged_code')))

    const { screen } = await show(CodePage, { digits })

    const alert = await screen.findByRole('alert')
    expect(alert.textContent).toContain('警告：这个码是伪造的')
    expect(alert.textContent).toContain('举报')
  })

  test('tells since when and why a code is revoked', async () => {
    fakeWire(on('GET /codes', problem(409, 'revoked_code', { revoked_at: '2026-03-01T02:00:00Z', revoked_reason: '污损' })))

    const { screen } = await show(CodePage, { digits })

    const alert = await screen.findByRole('alert')
    expect(alert.textContent).toContain('作废时间：2026-03-01 10:00')
    expect(alert.textContent).toContain('作废原因：污损')
    expect(alert.textContent).toContain('企业可以联系平台管理员领取新码牌')
    expect(screen.queryByRole('button', { name: '我捡到了这块码牌' })).toBeNull()
  })

  test('of a lost plaque takes the word of whoever found it, without a name', async () => {
    const sent = fakeWire(
      on('GET /codes', problem(409, 'revoked_code', { revoked_at: '2026-03-01T02:00:00Z', revoked_reason: '丢了', lost: true })),
      on('POST /plaque-finds', problem(429, 'too_many_requests'), { status: 201, body: { found_at: '2026-03-02T02:00:00Z' } }),
    )
    const { screen } = await show(CodePage, { digits })
    fireEvent.click(await screen.findByRole('button', { name: '我捡到了这块码牌' }))
    await screen.findByText('请不要写下您的姓名和电话。')
    fireEvent.input(screen.getByLabelText(/可以到哪里取/), { target: { value: ' 放在门卫室 ' } })
    fireEvent.click(screen.getByRole('button', { name: '告诉企业' }))
    await screen.findByText(/操作过于频繁/)

    fireEvent.click(screen.getByRole('button', { name: '告诉企业' }))

    expect((await screen.findByRole('status')).textContent).toContain('谢谢您！')
    expect(sent.at(-1)!.body).toEqual({ text: sent[0]!.query.get('text'), note: '放在门卫室' })
    expect(sent.at(-1)!.headers.get('Authorization')).toBeNull()
  })

  test('of paper leads to enrolling a phone, and asks the server nothing', async () => {
    const sent = fakeWire()

    const { screen, router } = await show(CodePage, { digits: vectors.slip.text.slice(vectors.prefix.length) })
    fireEvent.click(await screen.findByRole('button', { name: '用它开通企业手机' }))

    await vi.waitFor(() => expect(router.currentRoute.value.name).toBe('enrol'))
    expect(String(router.currentRoute.value.query.code)).toMatch(/\/E\/\d{26}$/)
    expect(sent).toEqual([])
  })

  test('of an inspector’s phone goes straight to who has come', async () => {
    tokens.keep(session(bakeryMe))
    fakeWire()

    const { router } = await show(CodePage, { digits: vectors.visit.text.slice(vectors.prefix.length) })

    await vi.waitFor(() => expect(router.currentRoute.value.name).toBe('meet'))
    expect(String(router.currentRoute.value.query.code)).toMatch(/\/E\/\d{207}$/)
  })
})
