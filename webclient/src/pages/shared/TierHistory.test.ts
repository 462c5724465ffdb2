import { fireEvent, within } from '@testing-library/dom'
import { describe, expect, test } from 'vitest'
import { tokens } from '../../api/session'
import { bakeryMe, liNaMe, session } from '../../testing/cast'
import { show } from '../../testing/render'
import { fakeWire, on, problem } from '../../testing/wire'
import TierHistory from './TierHistory.vue'

const path = '/enterprises/enterprise-bakery/tiers'
const tier = {
  id: 't1',
  department: '',
  risk: 'low',
  credit: 'A',
  tier: 'A',
  since_on: '2026-01-01',
  set_at: '2026-01-01T01:00:00Z',
  because: '年度评定',
}
const supervisor = session({ ...liNaMe, id: 'account-sun', role: 'supervisor', inspector: null, agency: null })
const open = async () => (await show(TierHistory, { enterprise: 'enterprise-bakery' })).screen

describe('the tiers of an enterprise', () => {
  test('are shown with their reasons, and only read by the enterprise', async () => {
    tokens.keep(session(bakeryMe))
    fakeWire(on(`GET ${path}`, { body: { items: [tier], rejudged: 0 } }))
    const screen = await open()

    await screen.findByText('年度评定')
    expect(screen.getByText('2026-01-01 起')).toBeTruthy()
    expect(screen.queryByText('设定等级')).toBeNull()
  })

  test('are set by a supervisor with a reason; what is planned is judged anew', async () => {
    tokens.keep(supervisor)
    const sent = fakeWire(
      on(`GET ${path}`, { body: { items: [], rejudged: 0 } }),
      on(`POST ${path}`, problem(409, 'tier_exists'), {
        status: 201,
        body: { items: [{ ...tier, tier: 'D', risk: 'high' }], rejudged: 2 },
      }),
    )
    const screen = await open()
    await screen.findByText('还没有分级。')
    fireEvent.change(screen.getByLabelText('风险'), { target: { value: 'high' } })
    const save = () => fireEvent.click(screen.getByRole('button', { name: '保存等级' }))
    save()
    expect((await screen.findByRole('alert')).textContent).toBe('请填写日期和理由。')

    fireEvent.input(screen.getByLabelText('理由'), { target: { value: '两次整改未完成' } })
    await Promise.resolve()
    save()
    await screen.findByText(/该企业这一天已有分级/)
    save()

    await screen.findByText('已保存，重新判定了 2 次计划中的检查。')
    expect(within(screen.getByRole('list')).getByText('等级 D')).toBeTruthy()
    expect(sent.at(-1)!.body).toMatchObject({ risk: 'high', credit: 'B', because: '两次整改未完成' })
  })
})
