import { fireEvent, waitFor, within } from '@testing-library/dom'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { tokens } from '../../api/session'
import { bakery, bakeryMe, plaque, session } from '../../testing/cast'
import { show } from '../../testing/render'
import { fakeWire, on } from '../../testing/wire'
import PlaqueSheet from './PlaqueSheet.vue'

const detail = (...plaques: ReturnType<typeof plaque>[]) => ({ ...bakery, plaques })
const phones = on(`GET /enterprises/${bakery.id}/phones`, {
  body: {
    items: [
      {
        number: 4,
        label: '店里的手机',
        role: 'owner',
        enrolled_at: '2026-01-02T00:00:00Z',
        revoked_at: null,
        revoked_because: null,
        mine: false,
      },
    ],
    most: 5,
  },
})

beforeEach(() => tokens.keep(session({ ...bakeryMe, role: 'administrator', enterprise: null })))

async function opened(...rules: Parameters<typeof fakeWire>) {
  const sent = fakeWire(on(`GET /enterprises/${bakery.id}`, { body: detail(plaque()) }), phones, ...rules)
  const { screen } = await show(PlaqueSheet, { enterprise: bakery })
  await screen.findByRole('button', { name: '作废：编号 7' })
  return { screen, sent }
}

describe('the desk', () => {
  test('issues a plaque for another site without a reason, and asks for one where a plaque is valid', async () => {
    const { screen, sent } = await opened(
      on(`POST /enterprises/${bakery.id}/plaques`, { status: 201, body: detail(plaque(), plaque({ serial: 8, site: '东门店' })) }),
    )
    fireEvent.input(screen.getByLabelText(/^场所/), { target: { value: ' 东门店 ' } })
    fireEvent.click(screen.getByRole('button', { name: '制发企业码' }))
    await screen.findByRole('button', { name: '作废：编号 8' })
    expect(sent.at(-1)!.body).toEqual({ site: '东门店', reason: '' })

    fireEvent.click(screen.getByRole('button', { name: '制发企业码' }))
    const sheet = within((await screen.findByRole('heading', { name: '重新制发？' })).closest('dialog')!)
    fireEvent.input(sheet.getByLabelText('理由'), { target: { value: '污损' } })
    fireEvent.click(sheet.getByRole('button', { name: '重新制发' }))

    await waitFor(() => expect(sent.at(-1)!.body).toEqual({ site: '东门店', reason: '污损' }))
  })

  test('revokes a lost plaque, and notes that it is back', async () => {
    const lost = plaque({ revoked_at: '2026-03-01T02:00:00Z', revoked_reason: '店主来电', lost: true })
    const { screen, sent } = await opened(
      on('POST /plaques/7/revocations', { status: 201, body: detail(lost) }),
      on('POST /plaques/7/finds', { status: 201, body: detail({ ...lost, found_at: '2026-03-02T02:00:00Z', found_note: '门卫室' }) }),
    )
    fireEvent.click(screen.getByRole('button', { name: '作废：编号 7' }))
    const sheet = within((await screen.findByRole('heading', { name: '作废这个码？' })).closest('dialog')!)
    fireEvent.click(sheet.getByRole('checkbox', { name: /挂失/ }))
    fireEvent.input(sheet.getByLabelText('理由'), { target: { value: '店主来电' } })
    fireEvent.click(sheet.getByRole('button', { name: '作废' }))
    await screen.findByText('没有有效的码牌')
    expect(sent.at(-1)!.body).toEqual({ reason: '店主来电', lost: true })

    fireEvent.click(screen.getByRole('button', { name: '已找回：编号 7' }))
    const back = within((await screen.findByRole('heading', { name: /找回来了/ })).closest('dialog')!)
    fireEvent.input(back.getByLabelText(/在哪里找回的/), { target: { value: '门卫室' } })
    fireEvent.click(back.getByRole('button', { name: '已找回' }))

    await screen.findByText('留言：门卫室')
    expect(sent.at(-1)!.body).toEqual({ note: '门卫室' })
  })

  test('prints a sealed sheet, and ends a phone that was lost', async () => {
    const saved = vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:sheet')
    const { screen, sent } = await opened(
      on('POST /plaques/7/sealed-sheet', {}),
      on('POST /phones/4/revocation', { status: 201, body: {} }),
    )
    fireEvent.click(screen.getByRole('button', { name: '打印封装页：编号 7' }))
    await waitFor(() => expect(saved).toHaveBeenCalled())

    fireEvent.click(await screen.findByRole('button', { name: '停用：店里的手机' }))
    const sheet = within((await screen.findByRole('heading', { name: '停用“店里的手机”？' })).closest('dialog')!)
    fireEvent.input(sheet.getByLabelText('理由'), { target: { value: '手机丢了' } })
    fireEvent.click(sheet.getByRole('button', { name: '停用' }))

    await waitFor(() => expect(sent.find((one) => one.path === '/phones/4/revocation')?.body).toEqual({ reason: '手机丢了' }))
  })
})
