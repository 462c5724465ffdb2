// Reads the camera's frames until a code is found, and looks after the camera meanwhile. No Vue inside.
import { buzz } from './buzz'
import { Camera, CameraError, type Abilities } from './camera'
import type { Effort } from './decode.worker'
import { loadReader, readFrame } from './decoder'

const PAUSE_MS = 80
const SLOW_AFTER_MS = 6000
const PICTURE_PATIENCE_MS = 4000
// A muted track often comes back by itself when the screen is on again.
const MUTED_PATIENCE_MS = 1000
// Every so many frames one with the light levelled, smaller because that costs ten times as much.
const LEVEL_EVERY = 4
const LEVELLED_SIDE = 1280
// Phones know what their camera can do only after a while.
const ASK_AT_PICTURES = [1, 12]
const STEADY_PICTURES = 10
const DARKEST = 10

export interface Scanner {
  /** Nothing is reported after it. */
  stop(): void
  setTorch(on: boolean): Promise<void>
  setZoom(zoom: number): Promise<void>
}

export interface Watch {
  /** There is a picture; once more when the camera turns out to be able to do more. */
  able(abilities: Abilities): void
  found(text: string): void
  slow(): void
  /** A CameraError, or the reader's. Whatever was open is closed. */
  failed(error: unknown): void
}

/** Opens the camera, a certain one if its id is given, and reads until a code is found or `stop` is called. */
export function startScanner(video: HTMLVideoElement, device: string, watch: Watch): Scanner {
  const camera = new Camera(video, device)
  let stopped = false
  let ready = false
  // The reader loads while the person answers the permission question.
  loadReader().then(() => (ready = true), fail)
  let lastPicture = 0
  let pictures = 0
  let sincePause = 0
  let reopened = false
  let misses = 0
  let slow: ReturnType<typeof setTimeout> | undefined

  async function run(): Promise<void> {
    await reopen()
    slow = setTimeout(() => watch.slow(), SLOW_AFTER_MS)
    while (!stopped) {
      const text = document.hidden ? rest() : await look()
      if (stopped) return
      if (text) {
        buzz(60)
        stop()
        return watch.found(text)
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }

  /** Whoever comes back to the page is given the whole patience again. */
  function rest(): null {
    lastPicture = performance.now()
    sincePause = 0
    reopened = false
    return null
  }

  async function look(): Promise<string | null> {
    const frame = camera.state === 'live' ? camera.frame() : null
    if (!frame || isBlack(frame)) {
      await waitForPicture()
      return null
    }
    lastPicture = performance.now()
    if (++sincePause === STEADY_PICTURES) reopened = false
    if (ASK_AT_PICTURES.includes(++pictures)) {
      const abilities = await camera.abilities()
      if (!stopped) watch.able(abilities)
    }
    if (!ready || stopped) return null
    const levelled = pictures % LEVEL_EVERY === 0 ? camera.frame(LEVELLED_SIDE) : null
    return read(levelled ?? frame, levelled ? 1 : 0)
  }

  /** A lock may cut the reader off in the middle of a frame. It starts anew; only a second failure in a row counts. */
  async function read(frame: ImageData, effort: Effort): Promise<string | null> {
    try {
      const text = await readFrame(frame, effort)
      misses = 0
      return text
    } catch (error) {
      if (++misses > 1) throw error
      return null
    }
  }

  /** Opens the camera once more when its track is gone; gives up when it shows nothing for too long. */
  async function waitForPicture(): Promise<void> {
    const without = performance.now() - lastPicture
    sincePause = 0
    const lost = camera.state === 'ended' || (camera.state === 'muted' && without > MUTED_PATIENCE_MS)
    if (lost && !reopened) {
      reopened = true
      await reopen()
    } else if (without > PICTURE_PATIENCE_MS) throw new CameraError('noPicture')
  }

  async function reopen(): Promise<void> {
    await camera.open()
    lastPicture = performance.now()
  }

  function fail(error: unknown): void {
    if (stopped) return
    stop()
    watch.failed(error)
  }

  function stop(): void {
    stopped = true
    clearTimeout(slow)
    camera.close()
  }

  run().catch(fail)
  return { stop, setTorch: (on) => camera.setTorch(on), setZoom: (zoom) => camera.setZoom(zoom) }
}

/** A camera that another app holds often gives frames that are nothing but black. */
function isBlack({ data }: ImageData): boolean {
  // An odd number of pixels, so that no column is looked at twice as often.
  for (let i = 0; i < data.length; i += 4 * 997) if (data[i]! > DARKEST || data[i + 1]! > DARKEST || data[i + 2]! > DARKEST) return false
  return true
}
