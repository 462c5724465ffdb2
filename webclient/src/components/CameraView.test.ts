import { fireEvent } from '@testing-library/dom'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { useLanguage } from '../words/i18n'
import { failing, fakePhone, goOutOfSight } from '../testing/camera'
import { show } from '../testing/render'
import CameraView from './CameraView.vue'

const PLAQUE = 'HTTPS://RUQI.TEST/E/1'
const later = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const ids = (asked: (MediaTrackConstraints | true)[]) =>
  asked.map((one) => (one === true ? 'any' : ((one.deviceId as { exact: string } | undefined)?.exact ?? 'back')))

beforeEach(() => {
  localStorage.clear()
  vi.useFakeTimers()
  return () => vi.useRealTimers()
})

async function openCamera() {
  const onFound = vi.fn()
  const shown = await show(CameraView, { onFound })
  fireEvent.click(shown.screen.getByRole('button', { name: '打开摄像头' }))
  await later(100)
  return { ...shown, onFound }
}

describe('the camera', () => {
  test('asks for all the pixels, and gives one text and stops', async () => {
    const phone = fakePhone()
    const { screen, onFound } = await openCamera()
    expect(screen.getByText('将二维码放入框内')).toBeTruthy()
    expect(phone.asked).toEqual([{ facingMode: { ideal: 'environment' }, width: { ideal: 1920 }, height: { ideal: 1080 } }])

    phone.text = PLAQUE
    await later(1000)

    expect(onFound.mock.calls).toEqual([[PLAQUE]])
    expect(phone.tracks.map((track) => track.readyState)).toEqual(['ended'])
    expect(screen.getByRole('button', { name: '打开摄像头' })).toBeTruthy()
  })

  test('looks at every fourth frame with the light levelled, and after a while says what else helps', async () => {
    const phone = fakePhone()
    const { screen } = await openCamera()

    await later(6000)

    expect(phone.efforts.slice(0, 8).filter((effort) => effort === 1)).toHaveLength(2)
    expect(screen.getByRole('status').textContent).toBe('还没有识别到，可以改用拍照识别。')
  })

  test('that is closed while it opens is let go', async () => {
    let allow = () => undefined as void
    const phone = fakePhone({ opening: () => new Promise((resolve) => (allow = resolve)) })
    const { screen } = await openCamera()

    fireEvent.click(screen.getByRole('button', { name: '停止' }))
    await later(0)
    allow()
    await later(0)

    expect(phone.tracks.map((track) => track.readyState)).toEqual(['ended'])
  })

  test('is content with fewer pixels where a phone refuses so many', async () => {
    const phone = fakePhone({ opening: (wish) => (wish !== true && wish.width ? failing('OverconstrainedError') : undefined) })

    const { screen } = await openCamera()

    expect(phone.asked).toHaveLength(2)
    expect(screen.getByText('将二维码放入框内')).toBeTruthy()
  })

  test('tries once more where it is busy for a moment', async () => {
    let busy = true
    fakePhone({ opening: () => (busy ? failing('NotReadableError') : undefined) })
    const { screen } = await openCamera()

    busy = false
    await later(600)

    expect(screen.getByText('将二维码放入框内')).toBeTruthy()
  })
})

describe('several cameras', () => {
  const cameras = [
    { deviceId: 'wide', label: 'camera 0, facing back' },
    { deviceId: 'tele', label: 'camera 2, facing back' },
    { deviceId: 'face', label: 'camera 1, facing front' },
  ]

  test('are taken in turn, those on the back first, and the choice is remembered', async () => {
    const phone = fakePhone({ cameras })
    const { screen } = await openCamera()

    fireEvent.click(await screen.findByRole('button', { name: '换镜头 2/3' }))
    await later(200)

    expect(ids(phone.asked)).toEqual(['back', 'face'])
    expect(phone.tracks.map((track) => track.readyState)).toEqual(['ended', 'live'])
    fireEvent.click(screen.getByRole('button', { name: '换镜头 3/3' }))
    await later(200)
    expect(ids(phone.asked).at(-1)).toBe('tele')

    fireEvent.click(screen.getByRole('button', { name: '停止' }))
    await later(0)
    fireEvent.click(screen.getByRole('button', { name: '打开摄像头' }))
    await later(200)
    expect(ids(phone.asked).at(-1)).toBe('tele')
    expect(localStorage.getItem('ruqi.camera')).toBe('tele')
  })

  test('one that is gone is not asked for again: the back one opens', async () => {
    localStorage.setItem('ruqi.camera', 'gone')
    const phone = fakePhone({ cameras, opening: (wish) => (wish !== true && wish.deviceId ? failing('OverconstrainedError') : undefined) })

    const { screen } = await openCamera()

    expect(ids(phone.asked)).toEqual(['gone', 'back'])
    expect(screen.getByText('将二维码放入框内')).toBeTruthy()
  })

  test('a single one offers no choice, no light and no zoom that it has not', async () => {
    fakePhone()
    const { screen } = await openCamera()
    expect(screen.getAllByRole('button').map((one) => one.textContent)).toEqual(['停止'])
    expect(screen.queryByRole('slider')).toBeNull()
  })
})

describe('light and zoom', () => {
  const capabilities = { torch: true, zoom: { min: 1, max: 5, step: 0.5 } }

  test('are set together, so that neither takes the other back', async () => {
    const phone = fakePhone({ capabilities })
    const { screen } = await openCamera()

    fireEvent.click(screen.getByRole('button', { name: '开灯' }))
    fireEvent.click(screen.getByRole('button', { name: '放大' }))
    fireEvent.input(screen.getByRole('slider', { name: '变焦' }), { target: { value: '3' } })
    await later(0)

    expect(phone.applied).toEqual([{ torch: true }, { torch: true, zoom: 1.5 }, { torch: true, zoom: 3 }])
    expect(screen.getByRole('button', { name: '关灯' }).getAttribute('aria-pressed')).toBe('true')
    expect(screen.getByRole('slider').getAttribute('aria-valuetext')).toBe('3.0 倍')
  })

  test('come back with the camera that a lock took, and not with another camera', async () => {
    const phone = fakePhone({
      capabilities,
      cameras: [
        { deviceId: 'back', label: 'back' },
        { deviceId: 'face', label: 'front' },
      ],
    })
    const { screen } = await openCamera()
    fireEvent.click(screen.getByRole('button', { name: '开灯' }))
    await later(0)

    phone.tracks[0]!.readyState = 'ended'
    await later(200)
    expect(phone.applied).toEqual([{ torch: true }, { torch: true }])
    expect(screen.getByRole('button', { name: '关灯' })).toBeTruthy()

    fireEvent.click(screen.getByRole('button', { name: '换镜头 1/2' }))
    await later(200)
    expect(phone.applied).toHaveLength(2)
    expect(screen.getByRole('button', { name: '开灯' })).toBeTruthy()
  })

  test('a light that the phone refuses stays off', async () => {
    const phone = fakePhone({ capabilities })
    const { screen } = await openCamera()
    phone.applied.push = () => failing('NotSupportedError')

    fireEvent.click(screen.getByRole('button', { name: '开灯' }))
    await later(0)

    expect(screen.getByRole('button', { name: '开灯' }).getAttribute('aria-pressed')).toBe('false')
  })
})

describe('after a lock', () => {
  test('a track that ended is opened again by itself', async () => {
    const phone = fakePhone()
    const { screen } = await openCamera()
    goOutOfSight(true)
    phone.tracks[0]!.readyState = 'ended'
    await later(5000)
    expect(phone.asked).toHaveLength(1)

    goOutOfSight(false)
    await later(300)

    expect(phone.asked).toHaveLength(2)
    expect(screen.getByText('将二维码放入框内')).toBeTruthy()
  })

  test('a muted track is given a moment, then opened again once, then given up with a way on', async () => {
    const phone = fakePhone()
    const { screen } = await openCamera()
    phone.opening = () => void setTimeout(() => (phone.tracks.at(-1)!.muted = true))
    phone.tracks[0]!.muted = true
    await later(800)
    expect(phone.asked).toHaveLength(1)

    await later(600)
    expect(phone.asked).toHaveLength(2)
    await later(4500)

    expect(screen.getByRole('alert').textContent).toContain('摄像头没有画面。')
    expect(phone.asked).toHaveLength(2)
    phone.opening = () => undefined
    fireEvent.click(screen.getByRole('button', { name: '再试一次' }))
    await later(200)
    expect(screen.getByText('将二维码放入框内')).toBeTruthy()
    expect(screen.queryByRole('alert')).toBeNull()
  })

  test('out of sight for long it is closed, and opens again on return', async () => {
    const phone = fakePhone()
    await openCamera()

    goOutOfSight(true)
    await later(29_000)
    expect(phone.tracks[0]!.readyState).toBe('live')
    await later(1500)
    expect(phone.tracks[0]!.readyState).toBe('ended')

    goOutOfSight(false)
    await later(200)
    expect(phone.tracks.map((track) => track.readyState)).toEqual(['ended', 'live'])
  })

  test('a closed one stays closed', async () => {
    const phone = fakePhone()
    const { screen } = await openCamera()
    fireEvent.click(screen.getByRole('button', { name: '停止' }))
    goOutOfSight(true)
    await later(40_000)
    goOutOfSight(false)
    await later(200)

    expect(phone.asked).toHaveLength(1)
  })
})

describe('what went wrong', () => {
  test.each([
    ['NotAllowedError', '没有摄像头权限。'],
    ['SecurityError', '没有摄像头权限。'],
    ['NotFoundError', '没有可用的摄像头。'],
    ['NotReadableError', '摄像头正被占用。'],
    ['AbortError', '摄像头正被占用。'],
  ])('%s has its sentence, and may be tried again', async (name, sentence) => {
    fakePhone({ opening: () => failing(name) })

    const { screen } = await openCamera()
    await later(2000)

    expect(screen.getByRole('alert').textContent).toContain(sentence)
    expect(screen.getByRole('button', { name: '再试一次' })).toBeTruthy()
  })

  test('a black picture counts as none after four seconds', async () => {
    fakePhone({ light: 3 })
    const { screen } = await openCamera()
    await later(3500)
    expect(screen.queryByRole('alert')).toBeNull()

    await later(1000)

    expect(screen.getByRole('alert').textContent).toContain('看看镜头是否被挡住')
  })

  test('a reader that a lock cut off starts anew', async () => {
    fakePhone({ readerFailures: 1, text: PLAQUE })
    const { screen, onFound } = await openCamera()
    await later(500)
    expect(screen.queryByRole('alert')).toBeNull()
    expect(onFound).toHaveBeenCalledOnce()
  })

  test('a reader that does not load says so', async () => {
    fakePhone({ readerFailures: Infinity })
    const { screen } = await openCamera()
    await later(500)
    expect(screen.getByRole('alert').textContent).toContain('识别程序没有加载。')
  })

  test('an address without https says so, and cannot be tried again', async () => {
    fakePhone()
    vi.stubGlobal('isSecureContext', false)
    const { screen } = await openCamera()
    expect(screen.getByRole('alert').textContent).toContain('网址不是 https 开头')
    expect(screen.queryByRole('button')).toBeNull()
  })

  const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)'
  const ANDROID = 'Mozilla/5.0 (Linux; Android 14)'
  test.each([
    ['微信', `${ANDROID} MQQBrowser/6.2 MicroMessenger/8.0.49`, '在浏览器打开'],
    ['微信', `${IPHONE} MicroMessenger/8.0.49`, '用 Safari 打开本页'],
    ['企业微信', `${ANDROID} wxwork/4.1 MicroMessenger/7.0`, '在浏览器打开'],
    ['支付宝', `${ANDROID} AlipayClient/10.5`, '在浏览器打开'],
    ['钉钉', `${ANDROID} DingTalk/7.5`, '在浏览器打开'],
    ['QQ', `${ANDROID} QQ/9.0`, '在浏览器打开'],
  ])('%s that keeps the camera for itself is named, with the way out: %s', async (name, userAgent, way) => {
    fakePhone({ shut: true, userAgent })

    const { screen } = await openCamera()

    const said = screen.getByRole('alert').textContent
    expect(said).toContain(`${name}不允许网页打开摄像头。`)
    expect(said).toContain(way)
  })

  test('in such an app a no at once is the app’s, a no after a while is the person’s', async () => {
    const phone = fakePhone({ opening: () => failing('NotAllowedError'), userAgent: `${ANDROID} MicroMessenger/8.0.49` })
    const first = await openCamera()
    expect(first.screen.getByRole('alert').textContent).toContain('微信不允许')
    first.root.remove()

    phone.opening = () => new Promise((_, reject) => setTimeout(() => reject(new DOMException('no', 'NotAllowedError')), 2000))
    const { screen } = await openCamera()
    await later(2500)
    expect(screen.getByRole('alert').textContent).toContain('没有摄像头权限。')
  })

  test('any other browser without a camera is told so, in English too', async () => {
    fakePhone({ shut: true })
    await useLanguage('en')
    const { screen } = await show(CameraView)
    fireEvent.click(screen.getByRole('button', { name: 'Open the camera' }))
    await later(100)
    expect(screen.getByRole('alert').textContent).toContain('This browser cannot open the camera.')
  })
})
