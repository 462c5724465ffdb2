import { fireEvent, waitFor } from '@testing-library/dom'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { tokens } from '../../api/session'
import { keep, store } from '../../api/store'
import { deliverNow, reload } from '../../outbox/outbox'
import { myItems } from '../../outbox/waiting'
import { bakery, liNaMe, session, visit } from '../../testing/cast'
import { show } from '../../testing/render'
import { fakeWire, on, problem, type Sent } from '../../testing/wire'
import ScanPage from './ScanPage.vue'

const accepted = (sent: Sent) => ({
  status: 201,
  body: {
    scan: { id: (sent.body as { id: string }).id, scanned_at: '2026-11-24T02:00:00Z', withdrawable: true, accepted: true },
    visit_id: 'visit-bakery',
    stage: 'on_site',
    enterprise: bakery,
    needed: 2,
    scanned: 1,
  },
})
const scans = (reply: (sent: Sent) => ReturnType<typeof accepted> | ReturnType<typeof problem> | 'lost') => (sent: Sent) =>
  sent.path === '/visits/visit-bakery/scans' ? reply(sent) : undefined
const theVisit = on('GET /visits/visit-bakery', { body: visit() })
const keysCall = on('GET /keys', 'lost')

beforeEach(async () => {
  localStorage.clear()
  tokens.keep(session(liNaMe))
  const db = await store()
  await Promise.all([db.clear('outbox'), db.clear('kept')])
  await reload()
})

async function type(props: object, text = bakery.uscc) {
  const shown = await show(ScanPage, { ...props })
  const field = await shown.screen.findByRole('textbox')
  fireEvent.input(field, { target: { value: text } })
  await waitFor(() => expect(shown.screen.getByRole<HTMLButtonElement>('button', { name: '使用此代码' }).disabled).toBe(false))
  fireEvent.click(shown.screen.getByRole('button', { name: '使用此代码' }))
  return shown
}

describe('scanning in', () => {
  test('for a visit shows the green card and who is still missing', async () => {
    const sent = fakeWire(theVisit, scans(accepted))

    const { screen } = await type({ id: 'visit-bakery' })

    expect((await screen.findByRole('alert')).textContent).toContain('核验通过，可以入企')
    expect(screen.getByText('已扫码 1 人，需 2 人')).toBeTruthy()
    expect(sent.find((one) => one.method === 'POST')!.body).toMatchObject({ code: bakery.uscc, method: 'typed', place: null })
  })

  test('keeps the moment of reading while the visit is being chosen', async () => {
    const two = [visit(), { ...visit(), id: 'visit-two' }]
    const sent = fakeWire(
      on('GET /codes', { body: { kind: 'uscc', enterprise: bakery, serial: null, issued_at: null } }),
      on('GET /visits', { body: { items: two, next_cursor: null } }),
      scans(accepted),
    )
    const { screen } = await type({})
    const [first] = await screen.findAllByRole('button', { name: '扫码入企' })
    const chosen = Date.now()
    vi.spyOn(Date, 'now').mockReturnValue(chosen + 300_000)

    fireEvent.click(first!)

    await waitFor(() => expect(sent.some((one) => one.method === 'POST')).toBe(true))
    const { scanned_at } = sent.find((one) => one.method === 'POST')!.body as { scanned_at: string }
    expect(Date.parse(scanned_at)).toBeLessThanOrEqual(chosen)
  })

  test('says it aloud, and can be muted', async () => {
    const speak = vi.fn<(one: { text: string }) => void>()
    vi.stubGlobal('speechSynthesis', { getVoices: () => [], cancel: () => undefined, speak })
    vi.stubGlobal(
      'SpeechSynthesisUtterance',
      class {
        constructor(readonly text: string) {}
      },
    )
    fakeWire(theVisit, scans(accepted))

    const { screen } = await type({ id: 'visit-bakery' })

    await waitFor(() => expect(speak.mock.calls.map(([one]) => one.text)).toContain('核验通过，还需 1 人扫码'))
    const mute = screen.getByRole('button', { name: '静音' })
    expect(mute.getAttribute('aria-pressed')).toBe('false')
    fireEvent.click(mute)
    await waitFor(() => expect(mute.getAttribute('aria-pressed')).toBe('true'))
    expect(localStorage.getItem('ruqi.muted')).toBe('1')
  })

  test('says why it was refused and what to do next, and leaves nothing in the outbox', async () => {
    fakeWire(
      theVisit,
      scans(() => problem(409, 'other_enterprise', { scanned_enterprise: '铸造厂' })),
    )

    const { screen } = await type({ id: 'visit-bakery' })

    await screen.findByText('不予通过')
    for (const text of ['扫到的是另一家企业的码。', '扫到的企业：铸造厂', '请核对门牌与企业名称，到登记的企业扫码。'])
      expect(screen.getByText(text)).toBeTruthy()
    await waitFor(() => expect(myItems()).toEqual([]))
  })

  test('without signal is saved and says that it is not verified', async () => {
    await keep('account-li:visit:visit-bakery', visit())
    fakeWire(
      on('GET /visits/visit-bakery', 'lost'),
      keysCall,
      scans(() => 'lost'),
    )

    const { screen } = await type({ id: 'visit-bakery' })

    await screen.findByText('已保存，未核验')
    expect(myItems().map((item) => item.kind)).toEqual(['scan'])
  })

  test('turns to the server’s word when it comes', async () => {
    let lost = true
    fakeWire(
      theVisit,
      keysCall,
      scans((sent) => (lost ? 'lost' : accepted(sent))),
    )
    const { screen } = await type({ id: 'visit-bakery' })
    await screen.findByText('已保存，未核验')

    lost = false
    await deliverNow()

    await screen.findByText('核验通过，可以入企')
  })

  test('first finds the one visit at the enterprise and scans for it', async () => {
    fakeWire(
      on('GET /codes', { body: { kind: 'uscc', enterprise: bakery } }),
      on('GET /visits', { body: { items: [visit()], next_cursor: null } }),
      scans(accepted),
    )

    const { screen } = await type({})

    await screen.findByText('核验通过，可以入企')
  })

  test('first offers registration where no visit is registered', async () => {
    fakeWire(
      on('GET /codes', { body: { kind: 'uscc', enterprise: bakery } }),
      on('GET /visits', { body: { items: [], next_cursor: null } }),
    )

    const { screen } = await type({})

    await screen.findByText('这家企业没有登记给您的检查')
    expect(screen.getByRole('button', { name: '去登记' })).toBeTruthy()
  })
})

describe('at the door of an enterprise that is not on the platform', () => {
  const nobodys = on('GET /codes', problem(404, 'unknown_code'))
  const regions = on('GET /regions', {
    body: {
      items: [
        { code: '430000', name: '湖南省', parent_code: null },
        { code: '431000', name: '郴州市', parent_code: '430000' },
        { code: '431002', name: '北湖区', parent_code: '431000' },
      ],
    },
  })
  const filled = async (text: string, answer: Parameters<typeof on>[1]) => {
    const sent = fakeWire(nobodys, regions, keysCall, on('POST /enterprises', answer))
    const shown = await type({}, text)
    fireEvent.click(await shown.screen.findByRole('button', { name: '添加这家企业' }))
    const region = await shown.screen.findByLabelText<HTMLSelectElement>('所在区县')
    await waitFor(() => expect([...region.options].map((one) => one.text)).toEqual(['请选择', '北湖区', '郴州市', '湖南省']))
    fireEvent.input(shown.screen.getByLabelText(/企业名称/), { target: { value: ' 新茶厂 ' } })
    region.value = '431002'
    fireEvent.change(region)
    fireEvent.input(shown.screen.getByLabelText('地址'), { target: { value: '茶山路1号' } })
    fireEvent.click(shown.screen.getByRole('button', { name: '添加，然后登记检查' }))
    return { ...shown, sent }
  }

  test('adds it and goes on to register', async () => {
    const { router, sent } = await filled(`https://licence.example.cn/q?id=${bakery.uscc}&v=1`, {
      status: 201,
      body: { ...bakery, id: 'enterprise-tea' },
    })

    await waitFor(() => expect(router.currentRoute.value).toMatchObject({ name: 'register', query: { enterprise: 'enterprise-tea' } }))
    expect(sent.at(-1)!.body).toEqual({ uscc: bakery.uscc, name: '新茶厂', region_code: '431002', address: '茶山路1号' })
  })

  test('goes on with the one that a colleague has added meanwhile', async () => {
    const { router } = await filled(
      bakery.uscc,
      problem(409, 'enterprise_exists', { enterprise: { id: 'enterprise-there', name: '新茶厂' } }),
    )

    await waitFor(() => expect(router.currentRoute.value.query).toEqual({ enterprise: 'enterprise-there' }))
  })

  test('asks for what is missing, and offers nothing for a plaque’s own address', async () => {
    const sent = fakeWire(nobodys, regions, keysCall)
    const first = await type({})
    fireEvent.click(await first.screen.findByRole('button', { name: '添加这家企业' }))
    fireEvent.click(await first.screen.findByRole('button', { name: '添加，然后登记检查' }))
    expect((await first.screen.findByRole('alert')).textContent).toBe('请填写企业名称并选择区县。')
    expect(sent.some((one) => one.method === 'POST')).toBe(false)

    const second = await show(ScanPage, {}, `/scan?code=HTTP://TEST/E/${'1'.repeat(168)}`)
    expect((await second.screen.findByRole('alert')).textContent).toContain('这不是入企码')
    expect(second.screen.queryByRole('button', { name: '添加这家企业' })).toBeNull()
  })
})
