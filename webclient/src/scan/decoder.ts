// Reads QR codes with the bundled WASM reader; loaded on first use so that no home page pays for it.
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url'

type Reader = typeof import('zxing-wasm/reader')

let loading: Promise<Reader> | null = null

export function loadReader(): Promise<Reader> {
  loading ??= import('zxing-wasm/reader')
    .then(async (reader) => {
      await reader.prepareZXingModule({
        overrides: { locateFile: (path: string, folder: string) => (path.endsWith('.wasm') ? wasmUrl : folder + path) },
        fireImmediately: true,
      })
      return reader
    })
    .catch((error: unknown) => {
      // A failed load (no signal, Safari without wasm-unsafe-eval) may succeed the next time.
      loading = null
      throw error
    })
  return loading
}

export async function readFrame(frame: ImageData): Promise<string | null> {
  const { readBarcodes } = await loadReader()
  const found = await readBarcodes(frame, { formats: ['QRCode'], tryHarder: true, maxNumberOfSymbols: 1 })
  return found.find((one) => one.isValid)?.text ?? null
}

/** A phone's photo has far more pixels than the code needs; the sizes are tried in the order of how often they succeed. */
const LONG_SIDES = [1600, 1000, 2400, 640, 4096]

export async function readPhoto(photo: Blob): Promise<string | null> {
  const bitmap = await createImageBitmap(photo)
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) return null
  const longest = Math.max(bitmap.width, bitmap.height)
  try {
    for (const side of LONG_SIDES) {
      const scale = Math.min(1, side / longest)
      canvas.width = Math.round(bitmap.width * scale)
      canvas.height = Math.round(bitmap.height * scale)
      context.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
      const text = await readFrame(context.getImageData(0, 0, canvas.width, canvas.height))
      if (text) return text
    }
    return null
  } finally {
    bitmap.close()
  }
}
