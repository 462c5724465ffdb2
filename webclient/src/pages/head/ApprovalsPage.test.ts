import { fireEvent, waitFor, within } from '@testing-library/dom'
import { beforeEach, describe, expect, test } from 'vitest'
import { tokens } from '../../api/session'
import { liNaMe, session, visit } from '../../testing/cast'
import { show } from '../../testing/render'
import { fakeWire, on, problem } from '../../testing/wire'
import ApprovalsPage from './ApprovalsPage.vue'

const waiting = visit({ stage: 'registered', actions: ['approve'] })
const one = { body: { items: [waiting], next_cursor: null } }
const none = { body: { items: [], next_cursor: null } }
const detail = on('GET /visits/visit-bakery', { body: waiting })

beforeEach(() => tokens.keep(session({ ...liNaMe, id: 'account-zhao', name: '赵敏', role: 'head', inspector: null })))

async function ask(decision: '同意' | '不同意') {
  const shown = await show(ApprovalsPage)
  fireEvent.click(await shown.screen.findByRole('button', { name: `${decision}：林邑糕点厂` }))
  const sheet = within(await shown.screen.findByRole('dialog'))
  const answer = () => fireEvent.click(sheet.getByRole('button', { name: decision }))
  return { ...shown, sheet, answer }
}

describe('approvals', () => {
  test('are given without a reason and leave the list', async () => {
    const sent = fakeWire(on('GET /visits', one, none), detail, on('POST /visits/visit-bakery/approvals', { status: 201 }))
    const { screen, answer } = await ask('同意')

    answer()

    await screen.findByText('已同意“林邑糕点厂”的检查。')
    expect(sent.find((call) => call.method === 'POST')!.body).toEqual({ decision: 'approve', reason: '' })
    await screen.findByText('没有等待审批的登记。')
  })

  test('are refused only with a reason', async () => {
    const sent = fakeWire(on('GET /visits', one, none), detail, on('POST /visits/visit-bakery/approvals', { status: 201 }))
    const { screen, sheet, answer } = await ask('不同意')

    answer()
    expect((await sheet.findByRole('alert')).textContent).toContain('必须说明理由')
    expect(sent.some((call) => call.method === 'POST')).toBe(false)

    fireEvent.input(sheet.getByRole('textbox'), { target: { value: '本月已检查' } })
    await waitFor(() => expect(sheet.getByRole<HTMLTextAreaElement>('textbox').value).toBe('本月已检查'))
    answer()

    await screen.findByText('已退回“林邑糕点厂”的检查。')
    expect(sent.find((call) => call.method === 'POST')!.body).toEqual({ decision: 'reject', reason: '本月已检查' })
  })

  test('decided by somebody else meanwhile say so in the sheet', async () => {
    fakeWire(on('GET /visits', one), detail, on('POST /visits/visit-bakery/approvals', problem(409, 'already_decided')))
    const { sheet, answer } = await ask('同意')

    answer()

    expect((await sheet.findByRole('alert')).textContent).toContain('该登记已审批')
  })

  test('that cannot be loaded offer another try', async () => {
    fakeWire(on('GET /visits', 'lost', one))
    const { screen } = await show(ApprovalsPage)

    fireEvent.click(await screen.findByRole('button', { name: '重试' }))

    await screen.findByRole('link', { name: '林邑糕点厂' })
  })
})
