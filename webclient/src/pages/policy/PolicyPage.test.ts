import { fireEvent, waitFor, within } from '@testing-library/dom'
import { beforeEach, describe, expect, test } from 'vitest'
import { tokens } from '../../api/session'
import type { Draw, Lift, Plan, Policy, Proposal } from '../../api/types'
import { food, liNaMe, market, session } from '../../testing/cast'
import { show } from '../../testing/render'
import { fakeWire, on, problem } from '../../testing/wire'
import PolicyPage from './PolicyPage.vue'

const supervisor = session({ ...liNaMe, id: 'account-sun', name: '孙丽', role: 'supervisor', inspector: null, agency: null })
const head = session({ ...liNaMe, id: 'account-zhao', name: '赵敏', role: 'head', inspector: null })
const none = { body: { items: [], next_cursor: null } }
const page = (...items: unknown[]) => ({ body: { items, next_cursor: null } })

const policy: Policy = {
  pack: {
    id: 'chenzhou',
    version: '2026.11',
    title: '郴州市规则',
    title_en: 'Chenzhou',
    about: '说明',
    digest: 'ab'.repeat(32),
    clauses: [
      {
        id: 'cap',
        kind: 'cap',
        title: '年度频次',
        title_en: 'Cap',
        action: 'block',
        source: '国办发',
        status: 'rule',
        valid_from: null,
        valid_to: null,
        scope: { basis: ['plan'] },
        numbers: { times: 2, odd: 7 },
        exceptions: [{ class: 'life', title: '涉及生命安全', evidence: '照片', approver: 'head' }],
      },
      {
        id: 'quiet',
        kind: 'quiet_day',
        title: '无扰日',
        title_en: 'Quiet',
        action: 'warn',
        source: '预设',
        status: 'preset',
        valid_from: null,
        valid_to: null,
        scope: {},
        numbers: {},
        exceptions: [],
      },
    ],
  },
  shipped: ['chenzhou', 'shanghai'],
  history: [],
}
const open = async (part: string) => (await show(PolicyPage, { part }, `/policy/${part}`)).screen

describe('the pack in force', () => {
  beforeEach(() => tokens.keep(supervisor))

  test('is shown clause by clause, with source, numbers and exceptions in words', async () => {
    fakeWire(on('GET /policy', { body: policy }))
    const screen = await open('policy')

    await screen.findByRole('heading', { name: '郴州市规则' })
    for (const words of ['检查依据: 年度计划', '次数: 2；odd: 7', '涉及生命安全：照片（由单位负责人批准）', '所有检查'])
      expect(screen.getByText(words)).toBeTruthy()

    fireEvent.input(screen.getByLabelText('查找条款'), { target: { value: '无扰' } })
    await waitFor(() => expect(screen.queryByText('年度频次')).toBeNull())
    expect(screen.getByText('无扰日')).toBeTruthy()
  })

  test('is replayed over the past, its progress told, and stands beside what was said then', async () => {
    const result = {
      pack: 'draft@1',
      from_on: '2026-01-01',
      to_on: '2026-11-24',
      judged: 40,
      blocked: 3,
      warned: 5,
      then: { cap: { warn: 1, block: 2 } },
      samples: { cap: ['v1'] },
      rows: [{ clause: 'cap', title: '年度频次', title_en: 'Cap', agency: market.name, blocked: 3, warned: 5 }],
    }
    const sent = fakeWire(
      on('GET /policy', { body: policy }),
      on('POST /policy/replays', { lines: [{ done: 0, total: 40 }, { done: 40, total: 40 }, { result }] }),
    )
    const screen = await open('policy')
    fireEvent.click(await screen.findByLabelText('粘贴草案'))
    fireEvent.click(screen.getByRole('button', { name: '开始回放' }))
    expect((await screen.findByRole('alert')).textContent).toBe('请粘贴草案，或选择文件。')
    fireEvent.input(screen.getByLabelText('草案（TOML）'), { target: { value: 'id = "x"' } })
    await Promise.resolve()

    fireEvent.click(screen.getByRole('button', { name: '开始回放' }))

    const row = within(await screen.findByRole('row', { name: /年度频次/ }))
    expect(row.getAllByRole('cell').map((cell) => cell.textContent)).toEqual([market.name, '3', '5', '2 / 1'])
    expect(screen.getByText(/判定 40 次，会阻止 3 次，会提示 5 次/)).toBeTruthy()
    expect(sent.find((one) => one.method === 'POST')!.body).toMatchObject({ pack: null, text: 'id = "x"' })
  })

  test('says what is wrong with a draft, fault by fault, and that a replay broke off', async () => {
    fakeWire(
      on('GET /policy', { body: policy }),
      on('POST /policy/replays', problem(422, 'bad_pack', { faults: ['第 3 行：没有来源'] }), {
        lines: [{ done: 1, total: 9 }, { error: 'internal_error' }],
      }),
    )
    const screen = await open('policy')
    fireEvent.click(await screen.findByRole('button', { name: '开始回放' }))
    await screen.findByText('第 3 行：没有来源')

    fireEvent.click(screen.getByRole('button', { name: '开始回放' }))

    await screen.findByText('回放中断了，没有结果。')
  })

  test('offers another try where it does not load', async () => {
    fakeWire(on('GET /policy', 'lost', { body: policy }))
    const screen = await open('policy')

    fireEvent.click(await screen.findByRole('button', { name: '重试' }))

    await screen.findByRole('heading', { name: '郴州市规则' })
  })
})

describe('supervision', () => {
  beforeEach(() => tokens.keep(supervisor))
  const lift: Lift = {
    visit_id: 'v1',
    enterprise: '林邑糕点厂',
    agency: market.name,
    clause: 'cap',
    sentence: '已达上限',
    sentence_en: 'full',
    claim_class: 'life',
    claim_evidence: '照片',
    approver: 'supervisor',
    lifted: null,
    decided_by: null,
    decided_at: null,
    decision_reason: '',
    judged_at: '2026-11-24T01:00:00Z',
  }

  test('lists exceptions by their state', async () => {
    const sent = fakeWire(
      on(
        'GET /lifts',
        page(lift, {
          ...lift,
          visit_id: 'v2',
          lifted: true,
          decided_by: '赵敏',
          decided_at: '2026-11-24T02:00:00Z',
          decision_reason: '属实',
        }),
        none,
      ),
    )
    const screen = await open('lifts')

    await screen.findByText('等待执法监督人员决定')
    expect(screen.getByText('赵敏 · 2026-11-24 10:00：属实')).toBeTruthy()
    fireEvent.click(screen.getByLabelText('待决定'))

    await screen.findByText('没有例外申请。')
    expect(sent.at(-1)!.query.get('state')).toBe('waiting')
  })

  test('shows shares with what the rules say of them', async () => {
    const row = { agency: market, service: 6, guidance: 2, penalty: 2, outcome: 'warn', sentence: '服务不少于70%', sentence_en: 'x' }
    fakeWire(on('GET /shares', { body: { year: 2026, items: [row] } }))
    const screen = await open('shares')

    const cells = within(await screen.findByRole('row', { name: /市场监督管理局/ })).getAllByRole('cell')
    expect(cells.map((cell) => cell.textContent)).toEqual(['6（60%）', '2（20%）', '2（20%）', '10', '服务不少于70%'])
  })

  test('does not show joint proposals, which are between agencies', async () => {
    fakeWire(on('GET /policy', { body: policy }))
    const screen = await open('proposals')

    await screen.findByRole('heading', { name: '规则包' })
    expect(screen.queryByRole('link', { name: '合并提议' })).toBeNull()
  })
})

describe('a head', () => {
  beforeEach(() => tokens.keep(head))

  const plan: Plan = {
    id: 'p1',
    agency: market,
    year: 2027,
    stage: 'draft',
    made_at: '2026-11-24T01:00:00Z',
    approved_at: null,
    published_at: null,
    due_on: '2027-03-31',
    overdue: false,
    items: [],
    wanted: 0,
    done: 0,
  }
  const item = {
    id: 'i1',
    matter_code: 'F1',
    matter: food.name,
    enterprise_id: null,
    enterprise: null,
    times: 12,
    done: 3,
    month: null,
    joint_with: [],
    added_because: '',
  }

  test('fills a plan and approves it', async () => {
    const filled = { ...plan, items: [item], wanted: 12, done: 3 }
    const sent = fakeWire(
      on('GET /plans/p1', { body: plan }),
      on('GET /matters', page(food)),
      on('POST /plans/p1/items', { status: 201, body: filled }),
      on('POST /plans/p1/approval', { status: 201, body: { ...filled, stage: 'approved' } }),
      on('GET /plans', none),
    )
    const { screen } = await show(PolicyPage, { part: 'plans' }, '/policy/plans?id=p1')
    await screen.findByText('还没有项目。')
    fireEvent.click(screen.getByRole('button', { name: '添加项目' }))
    expect((await screen.findByRole('alert')).textContent).toBe('请选择一项检查事项。')

    fireEvent.change(screen.getByLabelText('检查事项'), { target: { value: 'F1' } })
    await Promise.resolve()
    fireEvent.click(screen.getByRole('button', { name: '添加项目' }))
    await screen.findByText(food.name, { selector: 'span' })
    expect(sent.find((one) => one.path === '/plans/p1/items')!.body).toEqual({
      items: [{ matter_code: 'F1', times: 1, month: null }],
      because: '',
    })

    fireEvent.click(screen.getByRole('button', { name: '批准计划' }))
    fireEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: '批准计划' }))

    await screen.findByRole('button', { name: '公布计划' })
  })

  test('draws once, and the seed is public with the names', async () => {
    const draw: Draw = {
      id: 'd1',
      agency: market,
      title: '糕点抽查',
      commitment: 'c'.repeat(64),
      committed_at: '2026-11-24T01:00:00Z',
      drawn_at: null,
      pools: { enterprises: [{}, {}], inspectors: [{}], take: 1, team: 1 },
      seed: null,
      result: null,
      names: { e1: '林邑糕点厂', i1: '李娜' },
    }
    fakeWire(
      on('GET /draws/d1', { body: draw }),
      on('GET /draws', none),
      on('GET /regions', { body: { items: [] } }),
      on('POST /draws/d1/result', {
        status: 201,
        body: { ...draw, drawn_at: '2026-11-24T02:00:00Z', seed: 'feed', result: [{ enterprise: 'e1', inspectors: ['i1'] }] },
      }),
    )
    const { screen } = await show(PolicyPage, { part: 'draws' }, '/policy/draws?id=d1')
    await screen.findByText('对象库：2 家企业，1 名执法人员；抽取 1 家，每家 1 人')
    expect(screen.queryByText('种子')).toBeNull()

    fireEvent.click(screen.getByRole('button', { name: '现在抽取' }))
    fireEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: '现在抽取' }))

    await screen.findByText('林邑糕点厂')
    for (const words of ['李娜', 'feed']) expect(screen.getByText(words, { exact: false, selector: 'li, dd' })).toBeTruthy()
    expect(screen.queryByRole('button', { name: '现在抽取' })).toBeNull()
  })

  test('declines a joint visit only with a reason', async () => {
    const proposal: Proposal = {
      id: 'j1',
      visit_id: 'v1',
      enterprise: '林邑糕点厂',
      window_from_at: '2026-11-26T01:00:00Z',
      lead: market.name,
      agency: { ...market, id: 'a2', name: '消防' },
      matters: ['消防检查'],
      inspectors: ['周强'],
      note: '',
      proposed_at: '2026-11-24T01:00:00Z',
      accepted: null,
      decided_at: null,
      decision_reason: '',
      mine_to_decide: true,
    }
    const sent = fakeWire(
      on(
        'GET /proposals',
        page(proposal),
        page({ ...proposal, accepted: false, mine_to_decide: false, decided_at: '2026-11-24T02:00:00Z', decision_reason: '时间不合' }),
      ),
      on('POST /proposals/j1/answer', { status: 201, body: {} }),
    )
    const screen = await open('proposals')
    fireEvent.click(await screen.findByRole('button', { name: '不同意：林邑糕点厂' }))
    const sheet = within(await screen.findByRole('dialog'))
    fireEvent.click(sheet.getByRole('button', { name: '不同意' }))
    await sheet.findByRole('alert')
    fireEvent.input(sheet.getByRole('textbox'), { target: { value: '时间不合' } })
    await Promise.resolve()

    fireEvent.click(sheet.getByRole('button', { name: '不同意' }))

    await screen.findByText('未同意合并')
    expect(sent.find((one) => one.method === 'POST')!.body).toEqual({ accepted: false, reason: '时间不合' })
  })
})
