// Puts .br and .gz siblings beside every text or wasm file of the build, so that the server never compresses on a request.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const kinds = /\.(html|js|css|svg|json|webmanifest|wasm)$/
for (const entry of readdirSync('dist', { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !kinds.test(entry.name)) continue
  const path = `${entry.parentPath}/${entry.name}`
  const data = readFileSync(path)
  if (data.length < 400) continue
  writeFileSync(path + '.gz', gzipSync(data, { level: 9 }))
  writeFileSync(path + '.br', brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }))
}
