import { fireEvent, waitFor } from '@testing-library/dom'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { session as signedInAs, tokens } from '../../api/session'
import { vault } from '../../code/vault'
import { loadKey } from '../../phone/deviceKey'
import { bakery, bakeryMe, session } from '../../testing/cast'
import { show } from '../../testing/render'
import { fakeWire, on, problem } from '../../testing/wire'
import EnrolPage from './EnrolPage.vue'

const SLIP = 'K7QM-3XWF-9ZPA-5DPE'
const enrolled = {
  status: 201,
  body: {
    ...session(bakeryMe),
    phone: {
      number: 9,
      label: '手机',
      role: 'owner',
      enrolled_at: '2026-11-24T02:00:00Z',
      revoked_at: null,
      revoked_because: null,
      mine: true,
    },
  },
}

beforeEach(async () => {
  tokens.forget()
  await (await vault()).clear('keys')
})

async function asked(...rules: Parameters<typeof fakeWire>) {
  const sent = fakeWire(...rules)
  const shown = await show(EnrolPage)
  fireEvent.input(shown.screen.getByLabelText(/统一社会信用代码/), { target: { value: ` ${bakery.uscc.toLowerCase()} ` } })
  fireEvent.click(shown.screen.getByRole('button', { name: '发送短信' }))
  return { ...shown, sent }
}
const texted = on('POST /activations', { status: 202, body: { sent: true } })

describe('a phone without a password', () => {
  test('enrols with the sheet’s code, keeps its key and is signed in', async () => {
    const sent = fakeWire(on('POST /enrolments', enrolled))
    const { screen, router } = await show(EnrolPage)
    fireEvent.input(screen.getByLabelText(/激活码/), { target: { value: SLIP } })
    fireEvent.click(screen.getByRole('button', { name: '开通' }))

    await waitFor(() => expect(router.currentRoute.value).toMatchObject({ name: 'enterprise', query: { welcome: '1' } }))
    expect(sent.at(-1)!.body).toEqual({
      slip: SLIP,
      public_key: expect.stringMatching(/^[\w-]{87}$/) as string,
      label: expect.any(String) as string,
    })
    expect(signedInAs.me?.id).toBe(bakeryMe.id)
    expect((await loadKey(bakeryMe.id))?.device).toBe(9)
  })

  test('has the code filled in that its own camera has read, and nothing that is no such code', async () => {
    fakeWire()
    const read = await show(EnrolPage, {}, `/enrol?code=${SLIP}`)
    expect(read.screen.getByLabelText<HTMLInputElement>(/激活码/).value).toBe(SLIP)

    const other = await show(EnrolPage, {}, `/enrol?code=${bakery.uscc}`)
    expect(other.screen.getByLabelText<HTMLInputElement>(/激活码/).value).toBe('')
  })

  test('enrols with the digits of a text', async () => {
    const { screen, router, sent } = await asked(texted, on('POST /enrolments', enrolled))
    await screen.findByText(/如果该企业登记过手机号，短信已发出/)
    expect(sent.at(-1)!.body).toEqual({ uscc: bakery.uscc })
    const digits = screen.getByLabelText<HTMLInputElement>('短信里的 6 位数字')
    expect([digits.inputMode, digits.autocomplete]).toEqual(['numeric', 'one-time-code'])

    fireEvent.input(digits, { target: { value: '123 456' } })
    fireEvent.click(screen.getByRole('button', { name: '用短信开通' }))

    await waitFor(() => expect(router.currentRoute.value.name).toBe('enterprise'))
    expect(sent.at(-1)!.body).toMatchObject({ uscc: bakery.uscc, sms_code: '123456' })
    expect((await loadKey(bakeryMe.id))?.device).toBe(9)
  })

  test('hears that the digits are wrong, and asks nothing for digits that cannot be', async () => {
    const { screen, sent } = await asked(texted, on('POST /enrolments', problem(422, 'bad_sms_code')))
    const digits = await screen.findByLabelText('短信里的 6 位数字')
    fireEvent.input(digits, { target: { value: '12345' } })
    fireEvent.click(screen.getByRole('button', { name: '用短信开通' }))
    expect((await screen.findByRole('alert')).textContent).toBe('请填写短信里的 6 位数字。')
    expect(sent).toHaveLength(1)

    fireEvent.input(digits, { target: { value: '123457' } })
    fireEvent.click(screen.getByRole('button', { name: '用短信开通' }))

    await waitFor(() => expect(screen.getByRole('alert').textContent).toContain('短信验证码不正确或已过期。'))
    expect(signedInAs.me).toBeNull()
  })

  test('may ask for another text after a minute', async () => {
    const { screen, sent } = await asked(texted)
    const again = await screen.findByRole<HTMLButtonElement>('button', { name: '60 秒后可以重新发送' })
    expect(again.disabled).toBe(true)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 })
    onTestFinished(() => void vi.useRealTimers())

    fireEvent.click(await screen.findByRole('button', { name: '重新发送' }))

    await waitFor(() => expect(sent.filter((one) => one.path === '/activations')).toHaveLength(2))
  })

  test('is told where no texts are sent, and of a code that is none', async () => {
    const { screen, sent } = await asked(on('POST /activations', problem(409, 'sms_off')))
    expect((await screen.findByRole('alert')).textContent).toContain('本平台没有开通短信。')
    expect(screen.queryByLabelText('短信里的 6 位数字')).toBeNull()

    fireEvent.input(screen.getByLabelText(/统一社会信用代码/), { target: { value: '123' } })
    fireEvent.click(screen.getByRole('button', { name: '发送短信' }))

    await screen.findByText('这不是统一社会信用代码，请核对 18 位字符。')
    expect(sent).toHaveLength(1)
  })
})
