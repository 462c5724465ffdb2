import { fireEvent, within } from '@testing-library/dom'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { tokens } from '../../api/session'
import type { Plaque } from '../../api/types'
import { bakery, bakeryMe, plaque, session } from '../../testing/cast'
import { show } from '../../testing/render'
import { fakeWire, on, problem } from '../../testing/wire'
import PlaquePage from './PlaquePage.vue'

const detail = (...plaques: Plaque[]) => ({ ...bakery, plaques })
const mine = (...plaques: Plaque[]) => on(`GET /enterprises/${bakery.id}`, { body: detail(...plaques) })
const pictures = on('GET /plaques/7.svg', {})
const lost = plaque({ revoked_at: '2026-03-01T02:00:00Z', revoked_reason: '装修时丢了', lost: true })

beforeEach(() => {
  tokens.keep(session(bakeryMe))
  vi.stubGlobal('scrollTo', () => undefined)
})

describe('the plaques of my enterprise', () => {
  test('are one card for each site, and a history', async () => {
    fakeWire(
      mine(
        plaque(),
        plaque({ serial: 8, site: '东门店' }),
        plaque({ serial: 3, revoked_at: '2026-02-01T02:00:00Z', revoked_reason: '污损' }),
      ),
      pictures,
      on('GET /plaques/8.svg', {}),
    )

    const { screen } = await show(PlaquePage)

    expect(await screen.findAllByRole('button', { name: /^挂失/ })).toHaveLength(2)
    expect((await screen.findAllByAltText('林邑糕点厂的企业码二维码')).length).toBeGreaterThan(0)
    expect(screen.getAllByText(/场所：东门店/)).toHaveLength(2)
    expect(screen.getByText('2026-02-01 10:00 作废：污损').className).toBe('bad')
  })

  test('one that is lost is reported with a reason, and counts no more', async () => {
    const sent = fakeWire(mine(plaque()), pictures, on('POST /plaques/7/revocations', { status: 201, body: detail(lost) }))
    const { screen } = await show(PlaquePage)
    fireEvent.click(await screen.findByRole('button', { name: '挂失：编号 7' }))
    const sheet = within(await screen.findByRole('dialog'))
    fireEvent.click(sheet.getByRole('button', { name: '挂失' }))
    expect((await sheet.findByRole('alert')).textContent).toContain('必须说明理由。')
    expect(sent.some((one) => one.method === 'POST')).toBe(false)

    fireEvent.input(sheet.getByLabelText('怎么丢的'), { target: { value: '装修时丢了' } })
    fireEvent.click(sheet.getByRole('button', { name: '挂失' }))

    expect((await screen.findByText(/编号 7 的旧码从现在起不算数了，平台管理员会为您印一块新的/)).getAttribute('role')).toBe('status')
    expect(sent.at(-1)!.body).toEqual({ reason: '装修时丢了', lost: true })
    expect(screen.getByText('没有有效的企业码。')).toBeTruthy()
    expect(screen.getByText('2026-03-01 10:00 挂失作废：装修时丢了')).toBeTruthy()
  })

  test('one that turned up says when and where', async () => {
    fakeWire(mine({ ...lost, found_at: '2026-03-02T02:00:00Z', found_note: '放在门卫室' }))

    const { screen } = await show(PlaquePage)

    await screen.findByText('2026-03-02 10:00 有人说捡到了。')
    expect(screen.getByText('留言：放在门卫室')).toBeTruthy()
    expect(screen.queryByRole('button', { name: /^已找回/ })).toBeNull()
  })

  test('one that the shop has back itself is noted', async () => {
    const sent = fakeWire(
      mine(lost),
      on('POST /plaques/7/finds', { status: 201, body: detail({ ...lost, found_at: '2026-03-02T02:00:00Z' }) }),
    )
    const { screen } = await show(PlaquePage)
    fireEvent.click(await screen.findByRole('button', { name: '已找回：编号 7' }))
    fireEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: '已找回' }))

    await screen.findByText('已记下。')
    expect(sent.at(-1)!.body).toEqual({ note: '' })
  })

  test('a refusal is shown in the sheet', async () => {
    fakeWire(mine(plaque()), pictures, on('POST /plaques/7/revocations', problem(409, 'plaque_revoked')))
    const { screen } = await show(PlaquePage)
    fireEvent.click(await screen.findByRole('button', { name: '挂失：编号 7' }))
    const sheet = within(await screen.findByRole('dialog'))
    fireEvent.input(sheet.getByLabelText('怎么丢的'), { target: { value: '丢了' } })
    fireEvent.click(sheet.getByRole('button', { name: '挂失' }))

    expect((await sheet.findByRole('alert')).textContent).toContain('该企业码已作废。')
  })
})
