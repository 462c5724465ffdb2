import { fireEvent, waitFor, within } from '@testing-library/dom'
import { beforeEach, describe, expect, test } from 'vitest'
import { tokens } from '../../api/session'
import { bakeryMe, session, visit } from '../../testing/cast'
import { show } from '../../testing/render'
import { fakeWire, on, problem } from '../../testing/wire'
import RatePage from './RatePage.vue'

beforeEach(() => tokens.keep(session(bakeryMe)))
const recorded = on('GET /visits/visit-bakery', { body: visit({ stage: 'recorded', actions: ['evaluate'] }) })

async function open() {
  const shown = await show(RatePage, { id: 'visit-bakery' })
  await shown.screen.findByRole('group', { name: '这次检查总体怎么样？' })
  const choose = (group: string, answer: RegExp) =>
    fireEvent.click(within(shown.screen.getByRole('group', { name: group })).getByRole('radio', { name: answer }))
  const submit = () => fireEvent.click(shown.screen.getByRole('button', { name: '提交评价' }))
  return { ...shown, choose, submit }
}

describe('rating a visit', () => {
  test('begins without an answer and names what is missing', async () => {
    const sent = fakeWire(recorded)
    const { screen, submit } = await open()

    expect(screen.getAllByRole<HTMLInputElement>('radio').filter((one) => one.checked)).toEqual([])
    submit()

    expect((await screen.findByRole('alert')).textContent).toContain('总体满意度、态度与廉洁、依法规范、是否超出清单检查')
    expect(sent.filter((one) => one.method === 'POST')).toEqual([])
  })

  test('sends what was chosen once and says thanks', async () => {
    const sent = fakeWire(
      recorded,
      on('POST /visits/visit-bakery/evaluation', { status: 201, body: { id: 'visit-bakery', stage: 'evaluated' } }),
    )
    const { screen, choose, submit } = await open()

    choose('这次检查总体怎么样？', /^5 很满意/)
    choose('执法人员的态度和廉洁？', /^4 满意/)
    choose('是否依法、规范？', /^1 很不满意/)
    choose('是否检查了清单以外的事项？', /是，超出了清单/)
    submit()
    submit()

    await screen.findByRole('heading', { name: '谢谢您的评价' })
    expect(sent.filter((one) => one.method === 'POST').map((one) => one.body)).toEqual([
      { overall: 5, conduct: 4, lawfulness: 1, beyond_list: true, remark: '' },
    ])
  })

  test('shows a refusal beside the form', async () => {
    fakeWire(recorded, on('POST /visits/visit-bakery/evaluation', problem(409, 'already_evaluated')))
    const { screen, choose, submit } = await open()
    for (const group of ['这次检查总体怎么样？', '执法人员的态度和廉洁？', '是否依法、规范？']) choose(group, /^3/)
    choose('是否检查了清单以外的事项？', /否/)

    submit()

    await waitFor(() => expect(screen.getByRole('alert').textContent).toContain('您已评价过本次检查'))
  })
})
