// The camera without Vue: open it, give frames, let it go.

export type CameraFault = 'denied' | 'missing' | 'busy' | 'insecure'

export class CameraError extends Error {
  constructor(readonly fault: CameraFault, cause?: unknown) {
    super(fault, { cause })
    this.name = 'CameraError'
  }
}

const WANTED: MediaStreamConstraints = {
  audio: false,
  video: { facingMode: { ideal: 'environment' }, width: { ideal: 1280 }, height: { ideal: 720 } },
}
const LONG_SIDE = 1280

export class Camera {
  private stream: MediaStream | null = null
  private readonly canvas = document.createElement('canvas')

  constructor(private readonly video: HTMLVideoElement) {}

  async open(): Promise<void> {
    // Absent on plain http and in old web views.
    if (!navigator.mediaDevices?.getUserMedia) throw new CameraError('insecure')
    try {
      this.stream = await navigator.mediaDevices.getUserMedia(WANTED)
    } catch (error) {
      throw new CameraError(faultOf(error), error)
    }
    this.video.srcObject = this.stream
    // WeChat on iOS stays black without an explicit play().
    await this.video.play().catch(() => undefined)
  }

  /** A killed iOS home-screen app comes back with its tracks ended. */
  get live(): boolean {
    return this.stream?.getVideoTracks().some((track) => track.readyState === 'live') ?? false
  }

  get hasTorch(): boolean {
    const capabilities = this.track?.getCapabilities?.() as { torch?: boolean } | undefined
    return capabilities?.torch === true
  }

  async setTorch(on: boolean): Promise<void> {
    await this.track?.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] })
  }

  frame(): ImageData | null {
    const { videoWidth, videoHeight } = this.video
    if (!videoWidth || !videoHeight) return null
    const scale = Math.min(1, LONG_SIDE / Math.max(videoWidth, videoHeight))
    this.canvas.width = Math.round(videoWidth * scale)
    this.canvas.height = Math.round(videoHeight * scale)
    const context = this.canvas.getContext('2d', { willReadFrequently: true })
    if (!context) return null
    context.drawImage(this.video, 0, 0, this.canvas.width, this.canvas.height)
    return context.getImageData(0, 0, this.canvas.width, this.canvas.height)
  }

  close(): void {
    for (const track of this.stream?.getTracks() ?? []) track.stop()
    this.stream = null
    this.video.srcObject = null
  }

  private get track(): MediaStreamTrack | undefined {
    return this.stream?.getVideoTracks()[0]
  }
}

function faultOf(error: unknown): CameraFault {
  const name = error instanceof Error || error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied'
  if (name === 'NotReadableError' || name === 'AbortError') return 'busy'
  return 'missing'
}
