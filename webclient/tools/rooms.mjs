// The rooms of src/, and what may lie and be named in them; part of `npm run lint`. A linter of its own because the small
// ones see neither `import()` nor the order of folders, and know only half of a .vue file.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** From the ground up: a room imports from itself and from those before it. */
export const ROOMS = ['api', 'words', 'code', 'phone', 'camera', 'outbox', 'app', 'components', 'pages']
/** Plain TypeScript: what they know can be read, tested and moved without knowing how pages are shown. */
export const PLAIN = ROOMS.slice(0, 6)
/** They put the house together: they may import from everywhere, and nobody imports them but each other. */
const ROOF = ['app/main.ts', 'app/App.vue', 'app/router.ts']
const GENERATED = ['api/api.types.ts']
const LONGEST_LINE = 140
const LONGEST_FILE = 400

/** Everything written by hand under a folder: path, as seen from there, to text. */
export function readTree(root) {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => /\.(ts|vue|css)$/.test(entry.name))
  const pathOf = (entry) => join(entry.parentPath, entry.name)
  return Object.fromEntries(files.map((entry) => [pathOf(entry).slice(root.length + 1), readFileSync(pathOf(entry), 'utf8')]))
}

/** What is wrong with a tree, a sentence each. */
export function faultsOf(tree) {
  const imports = Object.fromEntries(Object.entries(tree).map(([path, text]) => [path, importsOf(path, text, tree)]))
  return [
    ...Object.entries(tree).flatMap(([path, text]) => [...placeFaults(path), ...lengthFaults(path, text)]),
    ...Object.entries(imports).flatMap(([path, targets]) => targets.flatMap((target) => importFaults(path, target))),
    ...circlesIn(imports),
  ]
}

const roomOf = (path) => path.split('/')[0]
const isTest = (path) => path.endsWith('.test.ts') || roomOf(path) === 'testing'

/** The files of the tree that a file names, and the packages, as they are written. Types and `import()` count as well. */
function importsOf(path, text, tree) {
  if (path.endsWith('.css')) return []
  const code = path.endsWith('.vue') ? [...text.matchAll(/<script[^>]*>(.*?)<\/script>/gs)].map(([, script]) => script).join('\n') : text
  return ts.preProcessFile(code, true, true).importedFiles.map(({ fileName }) => {
    if (!fileName.startsWith('.')) return fileName
    const target = join(dirname(path), fileName.replace(/\?.*$/, ''))
    return [target, `${target}.ts`, `${target}/index.ts`].find((one) => one in tree) ?? target
  })
}

function placeFaults(path) {
  if (path.includes('/') && [...ROOMS, 'testing'].includes(roomOf(path))) return []
  return [`${path} lies in none of the rooms`]
}

function importFaults(path, target) {
  if (isTest(path)) return []
  const from = ROOMS.indexOf(roomOf(path))
  const to = ROOMS.indexOf(roomOf(target))
  if (PLAIN.includes(roomOf(path)) && (/^(vue|vant|vue-router|@vue)(\/|$)/.test(target) || target.endsWith('.vue')))
    return [`${path} is in a plain room and imports ${target}`]
  if (isTest(target)) return [`${path} is no test and imports ${target}`]
  if (ROOF.includes(path)) return []
  if (ROOF.includes(target)) return [`${path} imports ${target}, which only puts the house together`]
  return to > from ? [`${path} imports from a room above it: ${target}`] : []
}

/** Every circle once, from its first file on. */
function circlesIn(imports) {
  const done = new Set()
  const faults = []
  function visit(path, way) {
    if (way.includes(path)) return void faults.push(`a circle: ${[...way.slice(way.indexOf(path)), path].join(' → ')}`)
    if (done.has(path) || !(path in imports)) return
    for (const target of imports[path]) visit(target, [...way, path])
    done.add(path)
  }
  for (const path of Object.keys(imports).sort()) visit(path, [])
  return faults
}

function lengthFaults(path, text) {
  if (GENERATED.includes(path)) return []
  const lines = text.trimEnd().split('\n')
  const long = lines.flatMap((line, i) => (line.length > LONGEST_LINE ? [`${path}:${i + 1} has ${line.length} characters`] : []))
  return lines.length > LONGEST_FILE ? [...long, `${path} has ${lines.length} lines`] : long
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const faults = faultsOf(readTree(join(dirname(fileURLToPath(import.meta.url)), '..', 'src')))
  for (const fault of faults) console.error(fault)
  process.exitCode = faults.length ? 1 : 0
}
