import { fireEvent, waitFor, within } from '@testing-library/dom'
import { beforeEach, describe, expect, test } from 'vitest'
import { tokens } from '../../api/session'
import type { Outcome, Preview, Verdict } from '../../api/types'
import { bakery, food, liNa, liNaMe, market, session } from '../../testing/cast'
import { show } from '../../testing/render'
import { fakeWire, on, problem, type Sent } from '../../testing/wire'
import RegisterPage from './RegisterPage.vue'

const clause = (outcome: Outcome, name: string, changes: Partial<Verdict> = {}): Verdict => ({
  clause: name,
  kind: 'cap',
  outcome,
  title: `${name}的标题`,
  title_en: name,
  sentence: `${name}这样说`,
  sentence_en: `${name} says`,
  source: `${name}的依据`,
  status: 'rule',
  exceptions: [],
  ...changes,
})
const life = { class: 'life_safety', title: '涉及生命安全', title_en: 'Life', evidence: '隐患照片', approver: 'head' }
const cap = clause('block', 'cap', { exceptions: [life] })

function preview(changes: Partial<Preview> = {}): Preview {
  return {
    policy: 'chenzhou@2026.11',
    outcome: 'pass',
    shape: null,
    verdicts: [clause('record', 'duty'), clause('pass', 'listed')],
    standings: [{ clause: 'cap', subject: '本单位', subject_en: 'This agency', count: 2, times: 2 }],
    year: { year: 2026, visits: 5, planned: 1, heads: 12, hours: 20.5, budget_hours: 80 },
    free_days: [{ on: '2026-12-21', outcome: 'pass' }],
    joinable: [],
    reusable: [],
    ...changes,
  }
}

beforeEach(() => tokens.keep(session(liNaMe)))

const reference = [
  on('GET /enterprises/enterprise-bakery', { body: bakery }),
  on('GET /enterprises/enterprise-bakery/year', { body: { year: 2026, visits: 5, inspections: 5, services: 0, agencies: 2 } }),
  on('GET /matters', { body: { items: [food], next_cursor: null } }),
  on('GET /inspectors', { body: { items: [liNa], next_cursor: null } }),
]
type Reply = Parameters<typeof on>[1]
const says = (...bodies: (Preview | Reply)[]) =>
  on('POST /registrations/preview', ...bodies.map((one): Reply => (typeof one === 'object' && 'policy' in one ? { body: one } : one)))

async function open(...rules: Parameters<typeof fakeWire>) {
  const sent = fakeWire(...reference, ...rules)
  const shown = await show(RegisterPage, {}, '/register?enterprise=enterprise-bakery')
  const { screen } = shown
  const panel = async () => within(await screen.findByRole('region', { name: '规则预判' }))
  const send = () => fireEvent.click(screen.getByRole('button', { name: '提交登记' }))
  async function fill() {
    fireEvent.change(screen.getByLabelText('检查依据'), { target: { value: 'plan' } })
    fireEvent.click(await screen.findByLabelText(/食品生产日常检查/))
    await waitFor(() => expect(screen.getByText('已选 1 项', { selector: 'fieldset:has(input:checked) .quiet' })).toBeTruthy())
  }
  const write = (label: string | RegExp, value: string) => fireEvent.input(screen.getByLabelText(label), { target: { value } })
  return { ...shown, sent, panel, send, fill, write }
}
const asked = (sent: Sent[]) => sent.filter((one) => one.path === '/registrations/preview')
const registered = (sent: Sent[]) => sent.find((one) => one.method === 'POST' && one.path === '/visits')?.body

describe('what the rules say of a registration', () => {
  test('is awaited, then shown with duties and passed rules folded away', async () => {
    const { panel, sent } = await open(says(preview()))

    const shown = await panel()
    expect(shown.getByRole('heading', { name: '规则预判' })).toBeTruthy()
    expect(shown.getByText('正在判定…')).toBeTruthy()

    await shown.findByRole('heading', { name: /可以登记/ })
    for (const words of [
      '须遵守的 1 条',
      '1 条符合',
      '还没有选择检查依据，先按“年度计划”判定。',
      '已入企 5 次，另有 1 次已登记',
      '2 / 2 次（已达上限）',
      '20.5 / 80 人时',
    ])
      expect(shown.getByText(words)).toBeTruthy()
    expect(asked(sent)[0]!.body).toMatchObject({ enterprise_id: 'enterprise-bakery', basis: 'plan', inspector_ids: [liNa.id] })
  })

  test('is asked once for a burst of changes', async () => {
    const { panel, fill, sent } = await open(says(preview()))

    await fill()
    await (await panel()).findByRole('heading', { name: /可以登记/ })
    await waitFor(() => expect(asked(sent).at(-1)!.body).toMatchObject({ matter_ids: ['matter-food'] }))

    expect(asked(sent).length).toBeLessThanOrEqual(2)
  })

  test('never shows an answer that a later question has overtaken', async () => {
    let release = (): void => undefined
    const slow = new Promise<void>((resolve) => (release = resolve))
    let first = true
    const { panel, fill } = await open(async ({ path }) => {
      if (path !== '/registrations/preview') return undefined
      if (!first) return { body: preview() }
      first = false
      await slow
      return { body: preview({ outcome: 'block', verdicts: [cap] }) }
    })
    const shown = await panel()
    await waitFor(() => expect(first).toBe(false))

    await fill()
    await shown.findByRole('heading', { name: /可以登记/ })
    release()
    await new Promise((resolve) => setTimeout(resolve, 30))

    expect(shown.queryByRole('heading', { name: /不予通过/ })).toBeNull()
  })

  test('comes later when there is no signal, and is asked again on a tap', async () => {
    const { panel } = await open(says('lost', preview()))

    const shown = await panel()
    await shown.findByText(/连不上服务器，暂时不能预判/)
    fireEvent.click(shown.getByRole('button', { name: '重试' }))

    await shown.findByRole('heading', { name: /可以登记/ })
  })

  test('makes the explanation a duty where a rule warns', async () => {
    const { screen, panel, fill, send, write, sent, router } = await open(
      says(preview({ outcome: 'warn', verdicts: [clause('warn', 'burst')] })),
      on('POST /visits', { status: 201, body: { id: 'v1' } }),
    )
    await fill()
    await (await panel()).findByRole('heading', { name: /须说明理由/ })
    await waitFor(() => expect(screen.getAllByText('burst这样说')).toHaveLength(2))

    send()
    expect((await screen.findByRole('alert')).textContent).toContain('请填写说明，写明理由。')
    expect(registered(sent)).toBeUndefined()

    write('说明（必填）', '专项整治')
    await Promise.resolve()
    send()

    await waitFor(() => expect(router.currentRoute.value.name).toBe('visit'))
    expect(registered(sent)).toMatchObject({ reason: '专项整治', claims: [], off_site_means: null })
  })

  test('offers an exception against a block, and who will decide', async () => {
    const { screen, panel, fill, send, write, sent, router } = await open(
      says(preview({ outcome: 'block', verdicts: [cap] })),
      on('POST /visits', { status: 201, body: { id: 'v1' } }),
    )
    await fill()
    const shown = await panel()
    await shown.findByRole('heading', { name: /不予通过/ })

    fireEvent.click(shown.getByLabelText('涉及生命安全（由单位负责人批准）'))
    await shown.findByText('登记后由单位负责人决定；登记人本人不能批准。')
    await shown.findByRole('heading', { name: /可以登记，须经批准/ })
    write('说明（必填）', '储罐超压')
    send()
    expect((await screen.findByRole('alert')).textContent).toContain('至少 4 个字')

    write(/^证据/, '现场照片三张')
    await Promise.resolve()
    send()

    await waitFor(() => expect(router.currentRoute.value.name).toBe('visit'))
    expect(registered(sent)).toMatchObject({ claims: [{ clause: 'cap', class: 'life_safety', evidence: '现场照片三张' }] })
  })

  test('says that a block without an exception stays', async () => {
    const { panel } = await open(says(preview({ outcome: 'block', verdicts: [clause('block', 'listed')] })))

    const shown = await panel()

    await shown.findByText('这一条没有例外，不能解除；请改正后再登记。')
    expect(shown.queryByRole('group', { name: '申请例外' })).toBeNull()
  })

  test('moves the window to a day that would do', async () => {
    const { screen, panel, sent } = await open(says(preview()))
    const before = screen.getByLabelText<HTMLInputElement>('开始时间').value

    fireEvent.click(await (await panel()).findByRole('button', { name: /12-21/ }))

    await waitFor(() => expect(screen.getByLabelText<HTMLInputElement>('开始时间').value).toBe(`2026-12-21${before.slice(10)}`))
    await waitFor(() => expect((asked(sent).at(-1)!.body as { window_from_at: string }).window_from_at.slice(0, 7)).toBe('2026-12'))
  })

  test('names others who are going there and results that can be used', async () => {
    const joinable = [
      {
        visit_id: 'v2',
        agency: '消防救援支队',
        window_from_at: '2026-11-26T01:00:00Z',
        window_to_at: '2026-11-26T03:00:00Z',
        matters: ['消防检查'],
        days_apart: 1,
      },
    ]
    const reusable = [{ visit_id: 'v3', agency: market.name, on: '2026-11-02', matters: [food.name] }]
    const { panel, fill, sent } = await open(
      says(preview({ joinable, reusable })),
      on('POST /visits/v2/proposals', { status: 201, body: {} }),
    )

    const shown = await panel()

    await shown.findByText('消防救援支队')
    for (const words of ['相隔 1 天', '市场监督管理局 已于 2026-11-02 检查：食品生产日常检查']) expect(shown.getByText(words)).toBeTruthy()
    expect(shown.getByRole<HTMLButtonElement>('button', { name: '提议合并：消防救援支队' }).disabled).toBe(true)

    await fill()
    fireEvent.click(await shown.findByRole('button', { name: '提议合并：消防救援支队' }))

    await shown.findByText(/已提议，等待消防救援支队答复。/)
    expect(sent.find((one) => one.path === '/visits/v2/proposals')!.body).toEqual({
      matter_ids: ['matter-food'],
      inspector_ids: [liNa.id],
      note: '',
    })
  })

  test('is asked anew when the server refused after all, and what was typed stays', async () => {
    let full = false
    const { screen, panel, fill, send, write } = await open(
      ({ path }) =>
        path === '/registrations/preview' ? { body: full ? preview({ outcome: 'block', verdicts: [cap] }) : preview() } : undefined,
      ({ method, path }) => {
        if (method !== 'POST' || path !== '/visits') return undefined
        full = true
        return problem(409, 'cap_reached', { verdicts: [cap] })
      },
    )
    await fill()
    await (await panel()).findByRole('heading', { name: /可以登记/ })
    await waitFor(() => expect(screen.queryByText('正在判定…')).toBeNull())
    write(/^说明/, '写好的说明')
    await Promise.resolve()

    send()

    const alert = await screen.findByRole('alert')
    expect(alert.textContent).toContain('已达年度检查频次上限。')
    expect(alert.textContent).toContain('cap这样说')
    await (await panel()).findByRole('heading', { name: /不予通过/ })
    expect(screen.getByDisplayValue('写好的说明')).toBeTruthy()
  })
})
