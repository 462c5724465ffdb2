// Asks the worker that reads codes; started on first use so that no home page pays for it.
import type { Answer, Effort, Question } from './decode.worker'
import DecodeWorker from './decode.worker?worker'

/** The reader could not be loaded, or it died. */
export class ReaderError extends Error {}

const LOAD_PATIENCE_MS = 30_000
const READ_PATIENCE_MS = 15_000

interface Waiting {
  resolve: (text: string | null) => void
  reject: (error: Error) => void
  timer: ReturnType<typeof setTimeout>
}

let worker: Worker | null = null
let loading: Promise<void> | null = null
let lastId = 0
const waiting = new Map<number, Waiting>()

/** Resolves when codes can be read; a failed load (no signal, no WASM) may succeed the next time. */
export function loadReader(): Promise<void> {
  loading ??= ask({}, LOAD_PATIENCE_MS).then(() => undefined)
  return loading
}

export async function readFrame(frame: ImageData, effort: Effort = 0): Promise<string | null> {
  await loadReader()
  const { data, width, height } = frame
  return ask({ pixels: { data: data as Uint8ClampedArray<ArrayBuffer>, width, height }, effort }, READ_PATIENCE_MS, [data.buffer])
}

function ask(question: Omit<Question, 'id'>, patience: number, moved: Transferable[] = []): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const id = ++lastId
    try {
      worker ??= start()
    } catch (error) {
      return reject(new ReaderError('no worker', { cause: error }))
    }
    waiting.set(id, { resolve, reject, timer: setTimeout(() => giveUp('no answer'), patience) })
    worker.postMessage({ id, ...question } satisfies Question, moved)
  })
}

function start(): Worker {
  const started = new DecodeWorker()
  started.onmessage = ({ data }: MessageEvent<Answer>) => {
    if ('failed' in data) return giveUp(data.failed)
    const one = waiting.get(data.id)
    waiting.delete(data.id)
    clearTimeout(one?.timer)
    one?.resolve(data.text)
  }
  started.onerror = (event) => {
    event.preventDefault()
    giveUp(event.message)
  }
  return started
}

/** The next question starts a new worker. */
function giveUp(why: string): void {
  worker?.terminate()
  worker = loading = null
  for (const { reject, timer } of waiting.values()) {
    clearTimeout(timer)
    reject(new ReaderError(why))
  }
  waiting.clear()
}

/** A phone's photo has far more pixels than the code needs; the tries are in the order of how often they succeed. */
const TRIES: [longSide: number, effort: Effort][] = [
  [1600, 0],
  [1000, 0],
  [2400, 0],
  [640, 0],
  [1600, 1],
  [1000, 2],
  [4096, 0],
]

export async function readPhoto(photo: Blob): Promise<string | null> {
  const bitmap = await createImageBitmap(photo)
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) return null
  const longest = Math.max(bitmap.width, bitmap.height)
  try {
    for (const [side, effort] of TRIES) {
      const scale = Math.min(1, side / longest)
      canvas.width = Math.round(bitmap.width * scale)
      canvas.height = Math.round(bitmap.height * scale)
      context.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
      const text = await readFrame(context.getImageData(0, 0, canvas.width, canvas.height), effort)
      if (text) return text
    }
    return null
  } finally {
    bitmap.close()
  }
}
