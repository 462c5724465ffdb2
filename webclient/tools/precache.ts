import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

const sha = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex').slice(0, 16)

/**
 * Writes the list of files that the service worker keeps into `sw.js`.
 * A file whose name carries a hash needs no revision; the rest get one from their content.
 */
export function precache(): Plugin {
  return {
    name: 'ruqi-precache',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const list: [string, string | null][] = []
        for (const [name, item] of Object.entries(bundle)) {
          if (name === 'sw.js' || name.startsWith('.vite/')) continue
          const content = item.type === 'chunk' ? item.code : item.source
          list.push(['/' + name, name.startsWith('assets/') ? null : sha(content)])
        }
        for (const name of readdirSync('public')) list.push(['/' + name, sha(readFileSync(`public/${name}`))])
        list.sort((a, b) => (a[0] < b[0] ? -1 : 1))
        const worker = bundle['sw.js']
        if (worker?.type !== 'chunk') throw new Error('sw.js is missing from the build')
        if (!worker.code.includes('__PRECACHE__')) throw new Error('sw.js has no place for the precache list')
        worker.code = worker.code
          .replace('__PRECACHE__', JSON.stringify(list))
          .replace('__VERSION__', JSON.stringify(sha(JSON.stringify(list))))
      },
    },
  }
}
