import { fireEvent } from '@testing-library/dom'
import { beforeEach, describe, expect, test } from 'vitest'
import { tokens } from '../../api/session'
import { addDays, today } from '../../words/dates'
import { bakeryMe, session } from '../../testing/cast'
import { show } from '../../testing/render'
import { fakeWire, on, problem } from '../../testing/wire'
import QuietDays from './QuietDays.vue'

const path = '/enterprises/enterprise-bakery/quiet-days'
const days = (...items: string[]) => ({ body: { items, a_month: 3, notice_days: 5 } })
const open = async () => (await show(QuietDays, { enterprise: 'enterprise-bakery' })).screen

beforeEach(() => tokens.keep(session(bakeryMe)))

describe('quiet days of an enterprise’s choice', () => {
  test('are chosen and given up', async () => {
    const sent = fakeWire(
      on(`GET ${path}`, days()),
      on(`POST ${path}`, { status: 201, ...days('2027-01-08') }),
      on(`DELETE ${path}/2027-01-08`, days()),
    )
    const screen = await open()
    fireEvent.input(await screen.findByLabelText('日期'), { target: { value: '2027-01-08' } })
    await screen.findByText('还没有选择。')

    fireEvent.click(screen.getByRole('button', { name: '选择这一天' }))
    fireEvent.click(await screen.findByRole('button', { name: '取消 2027-01-08' }))

    await screen.findByText('还没有选择。')
    expect(sent.find((one) => one.method === 'POST')!.body).toEqual({ on: '2027-01-08' })
  })

  test('are far enough ahead, as the rules in force say', async () => {
    fakeWire(on(`GET ${path}`, days()))
    const screen = await open()

    await screen.findByText(/须提前 5 天选择/)
    expect((screen.getByLabelText('日期') as HTMLInputElement).min).toBe(addDays(today(), 5))
  })

  test('say why a day is not taken', async () => {
    fakeWire(on(`GET ${path}`, days()), on(`POST ${path}`, problem(409, 'quiet_days_spent', { a_month: 3 })))
    const screen = await open()
    fireEvent.input(await screen.findByLabelText('日期'), { target: { value: '2027-01-08' } })
    await Promise.resolve()

    fireEvent.click(screen.getByRole('button', { name: '选择这一天' }))

    expect((await screen.findByRole('alert')).textContent).toContain('本月可自选的安静日已用完')
  })

  test('are not offered where the rules know none', async () => {
    fakeWire(on(`GET ${path}`, { body: { items: [], a_month: 0, notice_days: 0 } }))
    const screen = await open()

    await screen.findByText('本地规则没有自选安静日。')
    expect(screen.queryByLabelText('日期')).toBeNull()
  })
})
