// Writes what the server's /api/problems shows: each reason's sentences, the very words that the pages say.
import { readFileSync, writeFileSync } from 'node:fs'

const text = String.raw`('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")`
const sentence = new RegExp(String.raw`^  (\w+): say\(\s*${text},\s*${text},?\s*\)`, 'gm')
const said = (file) => [...readFileSync(`src/words/${file}`, 'utf8').matchAll(sentence)]
const plain = (quoted) => quoted.slice(1, -1).replace(/\\(.)/g, '$1')

const english = new Map(said('reasons.en.ts').map(([, reason, says, next]) => [reason, { en: plain(says), en_next: plain(next) }]))
const problems = said('reasons.ts')
  .map(([, reason, says, next]) => [reason, { zh: plain(says), zh_next: plain(next), ...english.get(reason) }])
  .sort(([a], [b]) => (a < b ? -1 : 1))
writeFileSync('../server/problems.json', JSON.stringify(Object.fromEntries(problems), null, 1) + '\n')
