import { fireEvent, waitFor, within } from '@testing-library/dom'
import { beforeEach, describe, expect, test } from 'vitest'
import { tokens } from '../../api/session'
import type { Meeting } from '../../api/types'
import { vault } from '../../code/vault'
import { createKey, enrolled } from '../../phone/deviceKey'
import { bakeryMe, session } from '../../testing/cast'
import { show } from '../../testing/render'
import { fakeWire, on, problem } from '../../testing/wire'
import MeetPage from './MeetPage.vue'

const keys = on('GET /keys', { body: { prefix: 'HTTP://TEST/E/', keys: {} } })
const meeting: Meeting = {
  visit_id: 'visit-bakery',
  first_word: '青山',
  second_word: '雨伞',
  colour: '黄',
  shaken_at: '2026-11-24T02:00:00Z',
  inspector_id: 'inspector-li',
  inspector: '李娜',
  has_photo: false,
  agency: '市场监督管理局',
  certificate_no: 'Z001',
  valid_to_on: '2020-01-01',
  certified: false,
  purpose: 'inspection',
  basis: 'plan',
  amber: true,
  matters: [{ name: '食品检查', legal_basis: '食品安全法' }],
  inspectors: ['李娜', '王军'],
  helpers: 1,
  visits_this_year: 3,
  caps: [{ name: '食品生产企业日常监督检查', used: 2, most: 4 }],
  refusal_grounds: [],
}

beforeEach(async () => {
  tokens.keep(session(bakeryMe))
  await (await vault()).clear('keys')
})

async function scanned(...rules: Parameters<typeof fakeWire>) {
  const { publicKey } = await createKey(bakeryMe.id)
  await enrolled(bakeryMe.id, publicKey, 7)
  const sent = fakeWire(keys, ...rules)
  const { screen } = await show(MeetPage)
  fireEvent.input(await screen.findByLabelText(/把码的链接粘贴到这里/), { target: { value: 'HTTP://TEST/E/1' } })
  await waitFor(() => expect(screen.getByRole<HTMLButtonElement>('button', { name: '使用这个链接' }).disabled).toBe(false))
  fireEvent.click(screen.getByRole('button', { name: '使用这个链接' }))
  return { screen, sent }
}

describe('scanning the inspector’s code', () => {
  test('shows the words, the colour by name, and who has come', async () => {
    const { screen, sent } = await scanned(on('POST /handshakes', { status: 201, body: meeting }))

    await screen.findByText('青山')
    for (const text of [
      '请对方念出这两个词',
      '颜色：黄',
      '李娜',
      '李娜、王军',
      '另有辅助人员 1 人，不得实施检查。',
      '紧急检查，事后补审批。',
      '食品生产企业日常监督检查：今年第 2 次（含本次），上限 4 次',
      '没有依法可以拒绝的情形，请配合检查。',
    ])
      expect(screen.getByText(text)).toBeTruthy()
    expect(screen.getByText(/执法证已过期/).className).toBe('bad')
    expect(sent.find((one) => one.method === 'POST')!.body).toEqual({ code: 'HTTP://TEST/E/1', phone: 7 })
  })

  test.each(['not_an_inspector', 'not_our_visit', 'forged_code', 'unknown_code'])(
    'is a red verdict with a number to call: %s',
    async (reason) => {
      const { screen } = await scanned(on('POST /handshakes', problem(409, reason)))

      expect((await screen.findByRole('alert')).textContent).toContain('不能确认来人')
      expect(screen.getByRole('link', { name: '拨打 12345 核实' }).getAttribute('href')).toBe('tel:12345')
    },
  )

  test('asks for a fresh code when this one is stale, and alarms nobody', async () => {
    const { screen } = await scanned(on('POST /handshakes', problem(409, 'stale_code')))

    expect((await screen.findByRole('alert')).textContent).toContain('这个码已过时。')
    expect(screen.queryByRole('link', { name: '拨打 12345 核实' })).toBeNull()
    fireEvent.click(screen.getByRole('button', { name: '重新扫' }))
    expect(await screen.findByLabelText(/把码的链接粘贴到这里/)).toBeTruthy()
  })

  test('sends how many came only when more did', async () => {
    const { screen, sent } = await scanned(
      on('POST /handshakes', { status: 201, body: meeting }),
      on('POST /visits/visit-bakery/door-reports', { status: 201 }),
    )
    fireEvent.click(await screen.findByRole('button', { name: '多来了人' }))
    const sheet = within(await screen.findByRole('dialog'))
    fireEvent.click(sheet.getByRole('button', { name: '提交反馈' }))
    expect((await sheet.findByRole('alert')).textContent).toBe('请填写人数。')

    fireEvent.input(sheet.getByLabelText('一共来了几人'), { target: { value: '5' } })
    fireEvent.click(sheet.getByRole('button', { name: '提交反馈' }))

    await screen.findByText('已收到，谢谢。')
    expect(sent.at(-1)!.body).toEqual({ kind: 'more_people', people: 5, note: '' })
  })

  test('first enrols a phone that is none yet', async () => {
    const sent = fakeWire(keys, on('POST /phones', { status: 201, body: { number: 9 } }))
    const { screen } = await show(MeetPage)

    fireEvent.click(await screen.findByRole('button', { name: '登记这部手机' }))

    await screen.findByLabelText(/把码的链接粘贴到这里/)
    expect((sent.find((one) => one.method === 'POST')!.body as { public_key: string }).public_key).toMatch(/^[\w-]{87}$/)
  })
})
