import { fireEvent, waitFor, within } from '@testing-library/dom'
import { beforeEach, describe, expect, test } from 'vitest'
import { tokens } from '../../api/session'
import { store } from '../../api/store'
import { reload } from '../../outbox/outbox'
import { myItems } from '../../outbox/waiting'
import { liNaMe, session, visit } from '../../testing/cast'
import { show } from '../../testing/render'
import { fakeWire, on, problem } from '../../testing/wire'
import RecordPage from './RecordPage.vue'

const onSite = on('GET /visits/visit-bakery', {
  body: visit({ stage: 'on_site', on_site_at: '2026-11-24T02:00:00Z', actions: ['record'] }),
})
const sealed = (...replies: Parameters<typeof on>[1][]) => on('POST /visits/visit-bakery/record', ...replies)

beforeEach(async () => {
  tokens.keep(session(liNaMe))
  const db = await store()
  await Promise.all([db.clear('outbox'), db.clear('drafts')])
  await reload()
})

async function open() {
  const shown = await show(RecordPage, { id: 'visit-bakery' })
  await shown.screen.findByRole('group', { name: '1. 许可证在有效期内' })
  const answer = (group: string, word: string) =>
    fireEvent.click(within(shown.screen.getByRole('group', { name: group })).getByRole('radio', { name: word }))
  const type = (label: string, value: string) => fireEvent.input(shown.screen.getByLabelText(label), { target: { value } })
  const seal = () => fireEvent.click(shown.screen.getByRole('button', { name: '提交并封存' }))
  const confirm = async () => fireEvent.click(within(await shown.screen.findByRole('dialog')).getByRole('button', { name: '提交并封存' }))
  async function fill() {
    answer('1. 许可证在有效期内', '符合')
    answer('2. 车间清洁', '不适用')
    answer('处理结果', '未发现问题')
    type('入企人数含辅助人员', '3')
    type('用时（分钟）', '40')
    await Promise.resolve()
  }
  return { ...shown, answer, type, seal, confirm, fill }
}

describe('the record', () => {
  test('says what is still open before it asks for the seal', async () => {
    fakeWire(onSite)
    const { screen, answer, seal } = await open()

    answer('1. 许可证在有效期内', '不符合')
    await waitFor(() => screen.getByLabelText('备注'))
    answer('处理结果', '责令改正')
    seal()

    const alert = await screen.findByRole('alert')
    expect(alert.textContent).toContain('还有 1 项没有作答')
    expect(alert.textContent).toContain('请写明发现的问题')
  })

  test('is sealed once confirmed', async () => {
    const sent = fakeWire(onSite, sealed({ status: 201, body: {} }))
    const { router, seal, confirm, fill } = await open()

    await fill()
    seal()
    await confirm()

    await waitFor(() => expect(router.currentRoute.value.name).toBe('visit'))
    expect(sent.find((one) => one.method === 'POST')!.body).toEqual({
      answers: [
        { matter_id: 'matter-food', key: 'license', answer: 'yes', note: '' },
        { matter_id: 'matter-food', key: 'clean', answer: 'not_applicable', note: '' },
      ],
      findings: [],
      disposition: 'none',
      advice: '',
      heads: 3,
      minutes: 40,
      evidence_ids: [],
      reason: '',
    })
    expect(await (await store()).count('drafts')).toBe(0)
  })

  test('comes back with the sentence when it is refused, and the draft stays', async () => {
    fakeWire(onSite, sealed(problem(409, 'too_few_scans', { scanned: 1, needed: 2 })))
    const { screen, seal, confirm, fill } = await open()

    await fill()
    seal()
    await confirm()

    await waitFor(() => expect(screen.getByRole('alert').textContent).toContain('扫码的执法人员人数不足'))
    expect(screen.getByRole('alert').textContent).toContain('已扫码 1 人，需 2 人')
    expect([myItems().length, await (await store()).count('drafts')]).toEqual([0, 1])
  })

  test('asks why a listed first offence is penalised, and sends the answer', async () => {
    const act = { id: 'act-1', code: 'S1', field: '市场监管', name: '未公示收费', conditions: '及时改正', legal_basis: '' }
    const sent = fakeWire(
      onSite,
      on('GET /first-offences', { body: { items: [act], next_cursor: null } }),
      sealed(problem(409, 'penalty_needs_reason', { verdicts: [] }), { status: 201 }),
    )
    const { screen, router, type, answer, seal, confirm, fill } = await open()
    await fill()
    fireEvent.click(screen.getByRole('button', { name: '添加问题' }))
    await waitFor(() => screen.getByLabelText('问题描述'))
    type('问题描述', '收费项目没有公示')
    fireEvent.click(screen.getByLabelText('首次轻微违法，可以免罚'))
    await screen.findByRole('option', { name: '未公示收费' })
    fireEvent.change(screen.getByLabelText(/清单中的行为/), { target: { value: 'act-1' } })
    await screen.findByText('及时改正')
    answer('处理结果', '立案调查')
    await Promise.resolve()
    seal()
    await confirm()
    expect((await screen.findByRole('alert')).textContent).toContain('首违不罚')

    type('仍要处罚的理由所列问题属于首违不罚事项；立案或移送须写明理由。', '拒不改正')
    await Promise.resolve()
    seal()
    await confirm()

    await waitFor(() => expect(router.currentRoute.value.name).toBe('visit'))
    expect(sent.filter((one) => one.method === 'POST').at(-1)!.body).toMatchObject({
      reason: '拒不改正',
      findings: [{ first_offence: true, first_offence_id: 'act-1' }],
    })
  })

  test('waits in the outbox when there is no signal', async () => {
    fakeWire(onSite, sealed('lost'))
    const { screen, seal, confirm, fill } = await open()

    await fill()
    seal()
    await confirm()

    await screen.findByText('已保存，联网后自动上传')
    expect(myItems().map((item) => item.kind)).toEqual(['record'])
  })

  test('keeps the draft across visits to the page', async () => {
    fakeWire(onSite)
    const first = await open()
    first.type('指导意见（选填）告知企业怎样改，改到什么程度。', '每日清洁')
    await waitFor(() => expect(first.screen.getByText(/草稿已自动保存/)).toBeTruthy())
    first.root.remove()

    const second = await open()

    expect(second.screen.getByDisplayValue('每日清洁')).toBeTruthy()
  })
})
