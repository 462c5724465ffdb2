import { fireEvent, waitFor, within } from '@testing-library/dom'
import { beforeEach, describe, expect, test } from 'vitest'
import { tokens } from '../../api/session'
import { bakery, liNaMe, session } from '../../testing/cast'
import { show } from '../../testing/render'
import { fakeWire, on } from '../../testing/wire'
import FrequencyPage from './FrequencyPage.vue'

const row = (id: string, name: string, visits: number) => ({
  enterprise: { ...bakery, id, name },
  visits,
  inspections: visits,
  services: 0,
  agencies: 1,
  heads: 2,
  minutes: 60,
  last_on: '2026-11-01',
  findings: 0,
})
const totals = { enterprises: 2, visits: 5, inspections: 5, services: 0 }
const reference = [
  on('GET /regions', { body: { items: [{ code: '431002', name: '北湖区', parent_code: null }] } }),
  on('GET /agencies', { body: { items: [] } }),
]
const months = on('GET /frequency/months', { body: { items: [{ month: '2026-11', inspections: 3, services: 2 }] } })

beforeEach(() => tokens.keep(session({ ...liNaMe, id: 'account-sun', role: 'supervisor', inspector: null, agency: null })))

describe('frequency', () => {
  test('shows who was visited most, this year unless told otherwise', async () => {
    const sent = fakeWire(
      ...reference,
      months,
      on('GET /frequency', { body: { items: [row('a', '糕点厂', 4), row('b', '铸造厂', 1)], next_cursor: null, totals } }),
    )

    const { screen } = await show(FrequencyPage)

    const table = await screen.findByRole('table', { name: '按入企次数由多到少排列的企业' })
    expect(
      within(table)
        .getAllByRole('rowheader')
        .map((one) => one.textContent),
    ).toEqual([expect.stringContaining('糕点厂'), expect.stringContaining('铸造厂')])
    expect(screen.getByText('2 家企业，入企 5 次：行政检查 5 次，走访服务 0 次')).toBeTruthy()
    expect(sent.find((one) => one.path === '/frequency')!.query.get('from_on')).toMatch(/-01-01$/)
    await screen.findByRole('img', { name: '每月入企次数' })
  })

  test('keeps its filters in the address and takes them along to the visits', async () => {
    const sent = fakeWire(
      ...reference,
      months,
      on('GET /frequency', { body: { items: [row('a', '糕点厂', 4)], next_cursor: null, totals } }),
    )
    const { screen, router } = await show(FrequencyPage, {}, '/?from_on=2026-01-01&to_on=2026-06-30')

    await screen.findByRole('option', { name: '北湖区' })
    fireEvent.change(screen.getByLabelText('地区'), { target: { value: '431002' } })

    await waitFor(() =>
      expect(router.currentRoute.value.query).toMatchObject({ region: '431002', from_on: '2026-01-01', to_on: '2026-06-30' }),
    )
    await waitFor(() =>
      expect(
        sent
          .filter((one) => one.path === '/frequency')
          .at(-1)!
          .query.get('region'),
      ).toBe('431002'),
    )
    expect(screen.getByRole('link', { name: '查看糕点厂的检查' }).getAttribute('href')).toMatch(/from_on=2026-01-01.*enterprise_id=a/)
  })

  test('grows by a page at a time', async () => {
    fakeWire(...reference, months, ({ path, query }) =>
      path === '/frequency'
        ? {
            body: {
              items: [query.get('cursor') ? row('b', '铸造厂', 1) : row('a', '糕点厂', 4)],
              next_cursor: query.get('cursor') ? null : 'next',
              totals,
            },
          }
        : undefined,
    )
    const { screen } = await show(FrequencyPage)

    fireEvent.click(await screen.findByRole('button', { name: '加载更多' }))

    await screen.findByText('已显示 2 条')
    expect(screen.queryByRole('button', { name: '加载更多' })).toBeNull()
  })

  test('says so when nobody was visited', async () => {
    fakeWire(...reference, months, on('GET /frequency', { body: { items: [], next_cursor: null, totals: { ...totals, visits: 0 } } }))

    const { screen } = await show(FrequencyPage)

    await screen.findByText('这段时间没有入企记录。')
  })
})
