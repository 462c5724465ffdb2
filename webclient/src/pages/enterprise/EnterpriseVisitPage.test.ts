import { fireEvent, waitFor, within } from '@testing-library/dom'
import { beforeEach, describe, expect, test } from 'vitest'
import { tokens } from '../../api/session'
import { bakeryMe, session, visit } from '../../testing/cast'
import { show } from '../../testing/render'
import { fakeWire, on } from '../../testing/wire'
import EnterpriseVisitPage from './EnterpriseVisitPage.vue'

const ground = {
  when: 'no_certificate',
  ground: '执法人员不出示执法证件的，企业有权拒绝检查；出示的，应当配合',
  ground_en: 'No certificate',
  source: '《行政处罚法》第五十五条',
}

beforeEach(() => tokens.keep(session(bakeryMe)))

describe('the enterprise’s page of a visit', () => {
  test('names the legal grounds for refusing, word for word', async () => {
    fakeWire(on('GET /visits/visit-bakery', { body: visit({ refusal_grounds: [ground] }) }))
    const { screen } = await show(EnterpriseVisitPage, { id: 'visit-bakery' })

    await screen.findByText(ground.ground)
    for (const words of ['依据：《行政处罚法》第五十五条', '只有下列情形可以拒绝；其他情形应当配合。'])
      expect(screen.getByText(words)).toBeTruthy()
  })

  test('says nothing of refusing where no ground is noted', async () => {
    fakeWire(on('GET /visits/visit-bakery', { body: visit() }))
    const { screen } = await show(EnterpriseVisitPage, { id: 'visit-bakery' })

    await screen.findByText('核对来人')
    expect(screen.queryByText('您可以拒绝检查的情形')).toBeNull()
  })

  test('sends the materials that an inspection off site asked for', async () => {
    const asked = visit({ off_site_means: 'materials', asked_for: '三个月的检验报告', actions: ['send_material'] })
    const sent = fakeWire(
      on(
        'GET /visits/visit-bakery',
        { body: asked },
        { body: { ...asked, materials: [{ id: 'm1', text: '报告已附上', by: '糕点厂', sent_at: '2026-11-24T01:00:00Z' }] } },
      ),
      on('POST /visits/visit-bakery/materials', { status: 201 }),
    )
    const { screen } = await show(EnterpriseVisitPage, { id: 'visit-bakery' })
    await screen.findByText('请准备：三个月的检验报告')
    fireEvent.click(screen.getByRole('button', { name: '提交材料' }))
    expect((await screen.findByRole('alert')).textContent).toBe('请写说明，或添加文件。')

    fireEvent.input(screen.getByLabelText('说明'), { target: { value: '报告已附上' } })
    await Promise.resolve()
    fireEvent.click(screen.getByRole('button', { name: '提交材料' }))

    await screen.findByText('糕点厂，2026-11-24 09:00')
    expect(sent.find((one) => one.method === 'POST')!.body).toEqual({ text: '报告已附上' })
    expect(screen.queryByText('尚未扫码')).toBeNull()
  })

  test('asks whether a late entry took place, once', async () => {
    const late = visit({ is_late: true, actions: ['confirm'] })
    const sent = fakeWire(
      on('GET /visits/visit-bakery', { body: late }, { body: { ...late, confirmed: false, actions: [] } }),
      on('POST /visits/visit-bakery/confirmation', { status: 201 }),
    )
    const { screen } = await show(EnterpriseVisitPage, { id: 'visit-bakery' })

    fireEvent.click(await screen.findByRole('button', { name: '没有这次检查' }))
    fireEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: '没有这次检查' }))

    await screen.findByText(/企业称没有这次检查/)
    expect(sent.find((one) => one.method === 'POST')!.body).toEqual({ took_place: false })
    await waitFor(() => expect(screen.queryByRole('button', { name: '没有这次检查' })).toBeNull())
  })
})
