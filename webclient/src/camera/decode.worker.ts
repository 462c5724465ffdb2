// Reads QR codes with the bundled WASM reader, off the page's own thread.
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url'
import { levelled, type Pixels } from './levelled'

/** 0 reads the frame as it is; 1 and 2 read a copy with the light levelled, which costs some ten times as much. */
export type Effort = 0 | 1 | 2
/** Without pixels it only asks whether the reader is there. */
export interface Question {
  id: number
  pixels?: Pixels
  effort?: Effort
}
export type Answer = { id: number; text: string | null } | { id: number; failed: string }

const BLURS = { 1: 1, 2: 1.6 }
// From our own server: by itself the reader would fetch it from a public network.
const loading = prepareZXingModule({
  overrides: { locateFile: (path: string, folder: string) => (path.endsWith('.wasm') ? wasmUrl : folder + path) },
  fireImmediately: true,
})

addEventListener('message', ({ data }: MessageEvent<Question>) => {
  answer(data).then(postMessage, (error: unknown) => postMessage({ id: data.id, failed: String(error) } satisfies Answer))
})

async function answer({ id, pixels, effort = 0 }: Question): Promise<Answer> {
  await loading
  if (!pixels) return { id, text: null }
  const { data, width, height } = effort ? levelled(pixels, BLURS[effort]) : pixels
  const found = await readBarcodes(new ImageData(data, width, height), { formats: ['QRCode'], tryHarder: true, maxNumberOfSymbols: 1 })
  return { id, text: found.find((one) => one.isValid)?.text ?? null }
}
