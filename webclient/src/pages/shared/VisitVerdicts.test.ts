import { fireEvent, waitFor, within } from '@testing-library/dom'
import { beforeEach, describe, expect, test } from 'vitest'
import { tokens } from '../../api/session'
import type { KeptVerdict } from '../../api/types'
import { liNaMe, session, visit } from '../../testing/cast'
import { show } from '../../testing/render'
import { fakeWire, on, problem } from '../../testing/wire'
import VisitActionSheet from './VisitActionSheet.vue'
import VisitPage from './VisitPage.vue'
import VisitVerdicts from './VisitVerdicts.vue'

const block: KeptVerdict = {
  clause: 'cap-matter',
  kind: 'cap',
  outcome: 'block',
  moment: 'registration',
  title: '事项年度频次',
  title_en: 'Cap',
  sentence: '今年已登记1次，上限1次',
  sentence_en: '1 of 1',
  source: '国办发〔2024〕54号',
  claim_class: 'life_safety',
  claim_title: '涉及生命安全',
  claim_title_en: 'Life',
  claim_evidence: '照片三张',
  approver: 'head',
  lifted: null,
  decided_at: null,
  decided_by: null,
  decision_reason: '',
}
const claimed = visit({ stage: 'registered', actions: ['approve', 'lift'], liftable: ['cap-matter'], verdicts: [block] })
const lifted = visit({
  stage: 'registered',
  actions: ['approve'],
  verdicts: [{ ...block, lifted: true, decided_at: '2026-11-24T01:00:00Z', decided_by: '赵敏', decision_reason: '属实' }],
})
const events = on('GET /visits/visit-bakery/events', { body: { items: [] } })

beforeEach(() => tokens.keep(session({ ...liNaMe, id: 'account-zhao', name: '赵敏', role: 'head', inspector: null })))

describe('a block with a claim', () => {
  test('is lifted with a reason by who may, and shows who and why', async () => {
    const sent = fakeWire(
      on('GET /visits/visit-bakery', { body: claimed }, { body: lifted }),
      events,
      on('POST /visits/visit-bakery/verdicts/cap-matter/lift', { status: 201 }),
    )
    const { screen } = await show(VisitPage, { id: 'visit-bakery' })
    fireEvent.click(await screen.findByRole('button', { name: '同意例外' }))
    const sheet = within(await screen.findByRole('dialog'))
    expect(sheet.getByText('证据：照片三张')).toBeTruthy()

    fireEvent.click(sheet.getByRole('button', { name: '同意例外' }))
    await sheet.findByRole('alert')
    fireEvent.input(sheet.getByRole('textbox'), { target: { value: '属实' } })
    await Promise.resolve()
    fireEvent.click(sheet.getByRole('button', { name: '同意例外' }))

    await screen.findByText('赵敏 同意例外')
    expect(screen.getByText('2026-11-24 09:00：属实')).toBeTruthy()
    expect(sent.find((one) => one.method === 'POST')!.body).toEqual({ lifted: true, reason: '属实' })
  })

  test('that another has decided meanwhile says so', async () => {
    fakeWire(on('POST /visits/visit-bakery/verdicts/cap-matter/lift', problem(409, 'already_decided')))
    const { screen } = await show(VisitVerdicts, { visit: claimed })
    fireEvent.click(screen.getByRole('button', { name: '不同意例外' }))
    const sheet = within(await screen.findByRole('dialog'))
    fireEvent.input(sheet.getByRole('textbox'), { target: { value: '证据不足' } })
    await Promise.resolve()

    fireEvent.click(sheet.getByRole('button', { name: '不同意例外' }))

    expect((await sheet.findByRole('alert')).textContent).toContain('该登记已审批')
  })

  test('bars the approval and says who must decide first', async () => {
    const { screen } = await show(VisitActionSheet, { visit: claimed, action: 'approve' })

    const sheet = within(screen.getByRole('dialog'))
    expect(sheet.getByRole('alert').textContent).toContain('请先由单位负责人处理例外申请。')
    expect(sheet.queryByRole('button', { name: '同意' })).toBeNull()
  })

  test('is shown to its enterprise without evidence, names and reasons', async () => {
    const { root } = await show(VisitVerdicts, { visit: lifted, brief: true })

    await waitFor(() => expect(root.textContent).toContain('单位负责人 同意例外'))
    expect(root.textContent).not.toMatch(/照片三张|赵敏|属实/)
  })
})
