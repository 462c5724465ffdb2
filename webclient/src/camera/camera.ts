// The camera without Vue: open it, give frames, let it go.
import { findApp } from './inApp'

export type CameraFault = 'denied' | 'missing' | 'busy' | 'insecure' | 'inApp' | 'unsupported' | 'noPicture'

export class CameraError extends Error {
  constructor(
    readonly fault: CameraFault,
    cause?: unknown,
  ) {
    super(fault, { cause })
    this.name = 'CameraError'
  }
}

export interface Range {
  min: number
  max: number
  step: number
  now: number
}

/** What the opened camera is, and what it can do. */
export interface Abilities {
  device: string
  devices: string[]
  torch: boolean
  zoom: Range | null
}

/** Not in the DOM's types; Safari and Chrome on phones have them. */
type Extras = { torch?: boolean; zoom?: number }
type ExtraAbilities = { torch?: boolean; zoom?: { min: number; max: number; step?: number } }

// With fewer pixels a plaque of 5 cm is only read from close by.
const LONG_SIDE = 1920
const SIZE = { width: { ideal: 1920 }, height: { ideal: 1080 } }
const BACK = { facingMode: { ideal: 'environment' } }
// After a lock, or right after another lens was let go, a phone may need a moment.
const BUSY_PAUSE_MS = 400
// Nobody reads a question and says no as fast as this: the app around the page answered.
const UNASKED_MS = 500
// Beyond this hands shake too much.
const MOST_ZOOM = 10

export class Camera {
  private stream: MediaStream | null = null
  private readonly canvas = document.createElement('canvas')
  private extras: Extras = {}
  private turn = 0

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly device: string,
  ) {}

  /** False when it was closed meanwhile. Raises CameraError. Torch and zoom come back as they were. */
  async open(): Promise<boolean> {
    this.close()
    const mine = this.turn
    const stream = await acquire(this.device, () => mine === this.turn)
    if (mine !== this.turn || !stream) {
      release(stream)
      return false
    }
    this.stream = stream
    this.video.srcObject = stream
    // WeChat on iOS stays black without an explicit play().
    await this.video.play().catch(() => undefined)
    if (Object.keys(this.extras).length) await this.apply({}).catch(() => undefined)
    return mine === this.turn
  }

  /** Phones mute the track while they are locked; a killed iOS home-screen app comes back with it ended. */
  get state(): 'live' | 'muted' | 'ended' {
    if (this.track?.readyState !== 'live') return 'ended'
    return this.track.muted ? 'muted' : 'live'
  }

  async abilities(): Promise<Abilities> {
    const can = (this.track?.getCapabilities?.() ?? {}) as ExtraAbilities
    const now = this.track?.getSettings?.() as (MediaTrackSettings & Extras) | undefined
    return { device: now?.deviceId ?? '', devices: await listCameras(), torch: can.torch === true, zoom: zoomOf(can, now?.zoom) }
  }

  setTorch(on: boolean): Promise<void> {
    return this.apply({ torch: on })
  }

  setZoom(zoom: number): Promise<void> {
    return this.apply({ zoom })
  }

  frame(longSide = LONG_SIDE): ImageData | null {
    const { videoWidth, videoHeight } = this.video
    if (!videoWidth || !videoHeight) return null
    const scale = Math.min(1, longSide / Math.max(videoWidth, videoHeight))
    this.canvas.width = Math.round(videoWidth * scale)
    this.canvas.height = Math.round(videoHeight * scale)
    const context = this.canvas.getContext('2d', { willReadFrequently: true })
    if (!context) return null
    context.drawImage(this.video, 0, 0, this.canvas.width, this.canvas.height)
    return context.getImageData(0, 0, this.canvas.width, this.canvas.height)
  }

  close(): void {
    this.turn++
    release(this.stream)
    this.stream = null
    this.video.srcObject = null
  }

  /** All of them in one call: a second call would take back what the first one set. */
  private async apply(changes: Extras): Promise<void> {
    this.extras = { ...this.extras, ...changes }
    await this.track?.applyConstraints({ advanced: [this.extras as MediaTrackConstraintSet] })
  }

  private get track(): MediaStreamTrack | undefined {
    return this.stream?.getVideoTracks()[0]
  }
}

/** Asks for what reads best and is content with less: phones refuse sizes, and a remembered camera may be gone. */
async function acquire(device: string, wanted: () => boolean): Promise<MediaStream | null> {
  if (window.isSecureContext === false) throw new CameraError('insecure')
  const app = findApp(navigator.userAgent)
  if (!navigator.mediaDevices?.getUserMedia) throw new CameraError(app ? 'inApp' : 'unsupported')
  const wishes: (MediaTrackConstraints | true)[] = [{ ...BACK, ...SIZE }, BACK, true]
  if (device) wishes.unshift({ deviceId: { exact: device }, ...SIZE })
  const begun = performance.now()
  let last: CameraError | null = null
  for (const video of wishes) {
    if (last?.fault === 'busy') await new Promise((resolve) => setTimeout(resolve, BUSY_PAUSE_MS))
    if (!wanted()) return null
    try {
      return await navigator.mediaDevices.getUserMedia({ audio: false, video })
    } catch (error) {
      last = new CameraError(faultOf(error), error)
      if (last.fault !== 'denied') continue
      throw app && performance.now() - begun < UNASKED_MS ? new CameraError('inApp', error) : last
    }
  }
  throw last ?? new CameraError('missing')
}

/** The ids of all cameras, those on the back first. Known only once one was allowed. */
async function listCameras(): Promise<string[]> {
  const all = (await navigator.mediaDevices.enumerateDevices?.().catch(() => [])) ?? []
  const cameras = all.filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId)
  return cameras.sort((one, other) => sideOf(one.label) - sideOf(other.label)).map(({ deviceId }) => deviceId)
}

const sideOf = (label: string) => (/back|rear|environment|后/i.test(label) ? 0 : /front|user|face|前/i.test(label) ? 2 : 1)

function zoomOf({ zoom }: ExtraAbilities, now: number | undefined): Range | null {
  if (!zoom || !(zoom.max > zoom.min)) return null
  const max = Math.min(zoom.max, Math.max(MOST_ZOOM, zoom.min))
  return { min: zoom.min, max, step: zoom.step || (max - zoom.min) / 20, now: now ?? zoom.min }
}

function release(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop()
}

function faultOf(error: unknown): CameraFault {
  const name = (error as { name?: string } | null)?.name
  if (name === 'NotAllowedError' || name === 'SecurityError' || name === 'PermissionDeniedError') return 'denied'
  if (name === 'NotReadableError' || name === 'AbortError' || name === 'TrackStartError') return 'busy'
  return 'missing'
}
