// Prints what a first visit costs each audience: gzip size in KiB (1024 bytes) of index.html, the entry, the
// audience's home chunk and its words, everything these import statically, and their CSS. Images, wasm and the worker are not counted.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const dist = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist')
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'))

const homes = {
  inspector_first_load_kb: ['src/pages/inspector/TodayPage.vue', 'src/words/zh/inspector.ts', 'src/app/inspector.ts'],
  enterprise_first_load_kb: ['src/pages/enterprise/EnterpriseHomePage.vue', 'src/words/zh/enterprise.ts'],
  supervisor_first_load_kb: ['src/pages/supervisor/FrequencyPage.vue', 'src/words/zh/supervisor.ts'],
}

function filesOf(key, files = new Set(), seen = new Set()) {
  if (seen.has(key)) return files
  seen.add(key)
  const chunk = manifest[key]
  if (!chunk) throw new Error(`${key} is not in the manifest`)
  files.add(chunk.file)
  for (const css of chunk.css ?? []) files.add(css)
  for (const next of chunk.imports ?? []) filesOf(next, files, seen)
  return files
}

const gzipped = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length
const sizes = Object.entries(homes).map(([name, parts]) => {
  const files = new Set(['index.html', ...filesOf('index.html'), ...parts.flatMap((part) => [...filesOf(part)])])
  const bytes = [...files].reduce((sum, file) => sum + gzipped(file), 0)
  return [name, Math.round((bytes / 1024) * 10) / 10]
})
console.log(JSON.stringify(Object.fromEntries(sizes)))
