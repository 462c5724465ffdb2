import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

// What is planted, and which rule is meant to catch it.
const FAULTS = [
  ['planted.ts', 'const left = 1\n', 'no-unused-vars'],
  ['planted.ts', 'export const all = (one: any) => one\n', 'no-explicit-any'],
  ['Planted.vue', '<script setup lang="ts">\ndefineProps<{ one: any }>()\n</script>\n', 'no-explicit-any'],
  ['planted.ts', 'const go = async () => undefined\nexport function start(): void {\n  go()\n}\n', 'no-floating-promises'],
  ['planted.test.ts', "import { test } from 'vitest'\ntest.skip('later', () => undefined)\n", 'no-disabled-tests'],
  ['planted.test.ts', "import { test } from 'vitest'\ntest.only('this', () => undefined)\n", 'no-focused-tests'],
]

test.each(FAULTS)('the linter catches in %s: %j by %s', (name, text, rule) => {
  const folder = mkdtempSync(join(tmpdir(), 'ruqi-lint-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, name), text)
  writeFileSync(join(folder, 'tsconfig.json'), '{ "compilerOptions": { "strict": true } }')

  const linted = spawnSync(process.execPath, ['node_modules/oxlint/bin/oxlint', '--config', '.oxlintrc.json', folder], { encoding: 'utf8' })

  expect(linted.stdout).toContain(`(${rule})`)
  expect(linted.status).toBe(1)
})
