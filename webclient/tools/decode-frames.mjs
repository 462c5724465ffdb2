// Decodes raw grey frames with the client's reader and with jsQR, one after the other on the same frame, and prints
// what each read and how long it took. `node decode-frames.mjs FOLDER` with FOLDER/frames.json: [{file, width, height}].
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'

const require = createRequire(import.meta.url)
const jsQR = require('jsqr')
const folder = process.argv[2]
const frames = JSON.parse(readFileSync(join(folder, 'frames.json'), 'utf8'))
const wasmBinary = readFileSync(require.resolve('zxing-wasm/reader/zxing_reader.wasm'))
await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true })

// The options of src/camera/decode.worker.ts, on the frame as it is.
const OPTIONS = { formats: ['QRCode'], tryHarder: true, maxNumberOfSymbols: 1 }
const readers = {
  ours: async (image) => (await readBarcodes(image, OPTIONS)).find((one) => one.isValid)?.text ?? null,
  jsqr: async (image) => jsQR(image.data, image.width, image.height, { inversionAttempts: 'dontInvert' })?.data ?? null,
}

function imageOf({ file, width, height }) {
  const grey = readFileSync(join(folder, file))
  const data = new Uint8ClampedArray(width * height * 4).fill(255)
  for (let i = 0; i < grey.length; i++) data[4 * i] = data[4 * i + 1] = data[4 * i + 2] = grey[i]
  return { data, width, height, colorSpace: 'srgb' }
}

const results = []
// The first frames only warm both up.
for (const frame of [...frames.slice(0, 5), ...frames]) {
  const image = imageOf(frame)
  const result = {}
  for (const [name, read] of Object.entries(readers)) {
    const began = performance.now()
    const text = await read(image)
    result[name] = { text, ms: performance.now() - began }
  }
  results.push(result)
}
console.log(JSON.stringify(results.slice(-frames.length)))
