import { Camera } from './camera'
import { loadReader, readFrame } from './decoder'

const PAUSE_MS = 80
const SLOW_AFTER_MS = 6000

export interface Scanner {
  stop(): void
  hasTorch(): boolean
  setTorch(on: boolean): Promise<void>
}

export interface Watch {
  found(text: string): void
  slow(): void
  failed(error: unknown): void
}

/** Opens the camera and reads frames until a code is found or `stop` is called. Raises CameraError when it cannot open. */
export async function startScanner(video: HTMLVideoElement, watch: Watch): Promise<Scanner> {
  const camera = new Camera(video)
  // The reader loads while the person answers the permission question.
  const reader = loadReader()
  reader.catch(() => undefined)
  await camera.open()
  let stopped = false
  const slow = setTimeout(() => watch.slow(), SLOW_AFTER_MS)

  async function loop(): Promise<void> {
    await reader
    while (!stopped) {
      if (!document.hidden) {
        if (!camera.live) await camera.open()
        const frame = camera.frame()
        const text = frame && (await readFrame(frame))
        if (text && !stopped) {
          navigator.vibrate?.(60)
          stop()
          watch.found(text)
          return
        }
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }

  function stop(): void {
    stopped = true
    clearTimeout(slow)
    camera.close()
  }

  loop().catch((error: unknown) => {
    stop()
    watch.failed(error)
  })
  return { stop, hasTorch: () => camera.hasTorch, setTorch: (on) => camera.setTorch(on) }
}
