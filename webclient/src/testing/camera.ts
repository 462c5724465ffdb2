import { onTestFinished, vi } from 'vitest'

export interface FakeTrack extends EventTarget {
  readyState: 'live' | 'ended'
  muted: boolean
  stop(): void
}

interface Fake {
  userAgent: string
  /** The browser has no camera for pages. */
  shut: boolean
  cameras: { deviceId: string; label: string }[]
  capabilities: object
  /** What the lens sees: grey by default. */
  light: number
  /** What the reader finds in a frame. */
  text: string | null
  /** So often the reader dies before it reads. */
  readerFailures: number
  /** Called before a camera opens; may throw or wait. */
  opening(wish: MediaTrackConstraints | true): void | Promise<void>
  asked: (MediaTrackConstraints | true)[]
  tracks: FakeTrack[]
  applied: object[]
  efforts: number[]
}

let current: Fake

/** What a phone has: cameras behind `navigator`, a canvas that gives pixels, a worker that reads them. */
export function fakePhone(changes: Partial<Fake> = {}): Fake {
  const fake: Fake = {
    userAgent: '',
    shut: false,
    cameras: [{ deviceId: 'back', label: 'camera 0, facing back' }],
    capabilities: {},
    light: 128,
    text: null,
    readerFailures: 0,
    opening: () => undefined,
    asked: [],
    tracks: [],
    applied: [],
    efforts: [],
    ...changes,
  }
  const getUserMedia = async ({ video }: { video: MediaTrackConstraints | true }) => {
    fake.asked.push(video)
    await fake.opening(video)
    const exact = video === true ? undefined : (video.deviceId as { exact: string } | undefined)?.exact
    return streamOf(fake, exact ?? fake.cameras[0]!.deviceId)
  }
  const shuffled = () =>
    Promise.resolve([
      { kind: 'audioinput', deviceId: 'ear', label: '' },
      ...[...fake.cameras].reverse().map((one) => ({ kind: 'videoinput', ...one })),
    ])
  define(navigator, 'mediaDevices', { value: fake.shut ? undefined : { getUserMedia, enumerateDevices: shuffled }, configurable: true })
  define(navigator, 'vibrate', { value: vi.fn(), configurable: true })
  if (fake.userAgent) define(navigator, 'userAgent', { value: fake.userAgent, configurable: true })
  vi.stubGlobal('Worker', FakeWorker)
  current = fake
  vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue()
  for (const [side, pixels] of [
    ['videoWidth', 1920],
    ['videoHeight', 1080],
  ] as const)
    define(HTMLVideoElement.prototype, side, { get: () => pixels, configurable: true })
  define(HTMLMediaElement.prototype, 'srcObject', { value: null, writable: true, configurable: true })
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockImplementation((() => ({
    drawImage: () => undefined,
    getImageData: (_x: number, _y: number, width: number, height: number) => ({
      width,
      height,
      data: new Uint8ClampedArray(4 * 1000).fill(fake.light),
    }),
  })) as never)
  return fake
}

export function failing(name: string): never {
  throw new DOMException('no', name)
}

function define(on: object, name: string, property: PropertyDescriptor): void {
  const before = Object.getOwnPropertyDescriptor(on, name)
  Object.defineProperty(on, name, property)
  onTestFinished(() => void (before ? Object.defineProperty(on, name, before) : Reflect.deleteProperty(on, name)))
}

function streamOf(fake: Fake, deviceId: string) {
  const track = Object.assign(new EventTarget(), {
    readyState: 'live' as 'live' | 'ended',
    muted: false,
    stop: () => void (track.readyState = 'ended'),
    getCapabilities: () => fake.capabilities,
    getSettings: () => ({ deviceId, zoom: 1 }),
    applyConstraints: async ({ advanced: [wish] }: { advanced: object[] }) => void fake.applied.push(wish!),
  })
  fake.tracks.push(track)
  return { getTracks: () => [track], getVideoTracks: () => [track] }
}

/** Answers as decode.worker.ts does. It outlives a test, as the reader does, and then reads for the next one. */
class FakeWorker {
  onmessage: ((event: unknown) => void) | null = null
  onerror = null
  terminate = () => undefined
  postMessage({ id, pixels, effort = 0 }: { id: number; pixels?: object; effort?: number }): void {
    if (pixels) current.efforts.push(effort)
    const failed = current.readerFailures > 0
    current.readerFailures -= Number(failed)
    queueMicrotask(() => this.onmessage?.({ data: failed ? { id, failed: 'no wasm' } : { id, text: pixels ? current.text : null } }))
  }
}

/** As when the screen is locked, or another app is in front. */
export function goOutOfSight(hidden: boolean): void {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(hidden)
  document.dispatchEvent(new Event('visibilitychange'))
}
