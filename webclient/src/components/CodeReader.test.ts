import { fireEvent, waitFor } from '@testing-library/dom'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { tokens } from '../api/session'
import { fakePhone } from '../testing/camera'
import { bakery, liNaMe, session } from '../testing/cast'
import { show } from '../testing/render'
import { fakeWire, on, problem } from '../testing/wire'
import CodeReader from './CodeReader.vue'

const SLIP = 'K7QM-3XWF-9ZPA-5DPE'

beforeEach(() => tokens.keep(session(liNaMe)))

async function reader() {
  const onRead = vi.fn()
  return { ...(await show(CodeReader, { onRead })), onRead }
}

describe('typing', () => {
  test.each([
    ['9135', '应为 18 位，现在是 4 位。'],
    [bakery.uscc, '18 位代码或 16 位纸质一次码，大小写均可；也可粘贴链接'],
    ['91350100M000100Y44', '校验位不符，请核对第 18 位；确认无误也可提交。'],
    [SLIP, '一次码校验相符。'],
    ['k7qm 3xwf 9zpa 5dpe', '一次码校验相符。'],
    ['K7QM-3XWF-9ZPA-5DPF', '一次码与校验字符不符，请逐字核对。'],
    ['K7QM-3X', '一次码应为 16 位，现在是 6 位。'],
    ['91350100M000100Y', '作为 16 位一次码，与校验字符不符，请逐字核对；统一社会信用代码应为 18 位。'],
    ['https://ruqi.test/e/1', '18 位代码或 16 位纸质一次码，大小写均可；也可粘贴链接'],
  ])('%s is answered while it is typed: %s', async (text, says) => {
    const { screen } = await reader()
    fireEvent.input(screen.getByRole('textbox'), { target: { value: text } })
    await screen.findByText(says)
  })

  test('Enter sends it, so that a scanner which types does so as well', async () => {
    const { screen, onRead } = await reader()
    const field = screen.getByRole<HTMLInputElement>('textbox')
    fireEvent.input(field, { target: { value: 'k7qm3xwf9zpa5dpe' } })

    fireEvent.submit(field.form!)

    expect(onRead.mock.calls).toEqual([[{ text: SLIP, method: 'typed' }]])
  })
})

describe('a camera', () => {
  async function film(text: string) {
    fakePhone({ text })
    const shown = await reader()
    fireEvent.click(shown.screen.getByRole('button', { name: '打开摄像头' }))
    return shown
  }

  test.each([
    'HTTPS://RUQI.TEST/E/123',
    `https://licence.test/?uniscid=${bakery.uscc}`,
    `统一社会信用代码：${bakery.uscc}；名称：林邑糕点厂`,
  ])('hands on as it is what the server may know: %s', async (text) => {
    const { onRead } = await film(text)
    await waitFor(() => expect(onRead.mock.calls).toEqual([[{ text, method: 'camera' }]]))
  })

  test.each(['https://pay.test/x', 'javascript:alert(1)', '<img src=x onerror=alert(1)>'])(
    'says at once that %s is none of ours, shows it as text, and lets the person send it',
    async (text) => {
      const { screen, onRead, root } = await film(text)

      const note = await screen.findByRole('alert')

      expect(note.textContent).toContain('这个二维码不是入企码。')
      expect(note.textContent).toContain(`扫到的内容：${text}`)
      expect(root.querySelectorAll('img, a')).toHaveLength(0)
      expect(onRead).not.toHaveBeenCalled()
      fireEvent.click(screen.getByRole('button', { name: '仍要核验' }))
      expect(onRead.mock.calls).toEqual([[{ text, method: 'camera' }]])
    },
  )

  test('is forgotten when the person types instead', async () => {
    const { screen } = await film('https://pay.test/x')
    await screen.findByRole('alert')

    fireEvent.input(screen.getByRole('textbox'), { target: { value: '9' } })

    await waitFor(() => expect(screen.queryByRole('alert')).toBeNull())
  })

  test('shows only the beginning of a long one', async () => {
    const { screen } = await film('x'.repeat(500))
    expect((await screen.findByRole('alert')).textContent).toContain(`${'x'.repeat(80)}…`)
    expect(screen.queryByText(new RegExp('x{81}'))).toBeNull()
  })
})

describe('a photo', () => {
  const picture = new File(['p'], '门口.jpg', { type: 'image/jpeg' })

  async function choose(by: string) {
    const shown = await reader()
    const input = shown.screen.getByLabelText<HTMLInputElement>(by)
    Object.defineProperty(input, 'files', { value: [picture], configurable: true })
    fireEvent.change(input)
    return shown
  }
  const bitmap = () => vi.stubGlobal('createImageBitmap', async () => ({ width: 4000, height: 3000, close: () => undefined }))

  test.each(['拍照识别', '从相册选'])('is read on the phone: %s', async (by) => {
    fakePhone({ text: bakery.uscc })
    bitmap()
    const { onRead } = await choose(by)
    await waitFor(() => expect(onRead.mock.calls).toEqual([[{ text: bakery.uscc, method: 'photo' }]]))
  })

  test('goes to the server where the phone cannot read it', async () => {
    fakePhone({ readerFailures: Infinity })
    bitmap()
    vi.spyOn(HTMLCanvasElement.prototype, 'toBlob').mockImplementation((done) => done(new Blob(['jpeg'])))
    fakeWire(on('POST /code-images', { body: { texts: [bakery.uscc] } }))
    const { onRead } = await choose('拍照识别')
    await waitFor(() => expect(onRead).toHaveBeenCalledWith({ text: bakery.uscc, method: 'photo' }))
  })

  test('without a code says so, with a network and without', async () => {
    fakePhone()
    bitmap()
    vi.spyOn(HTMLCanvasElement.prototype, 'toBlob').mockImplementation((done) => done(new Blob(['jpeg'])))
    fakeWire(on('POST /code-images', problem(422, 'no_code_in_image'), 'lost'))
    const { screen } = await choose('拍照识别')
    const says = (await screen.findByRole('alert')).textContent
    expect(says).toContain('码')

    fireEvent.change(screen.getByLabelText('拍照识别'))

    await waitFor(() => expect(screen.queryByRole('alert')).toBeNull())
    expect((await screen.findByRole('alert')).textContent).toBe(says)
  })
})
