import { describe, expect, test } from 'vitest'
import { faultsOf, PLAIN, readTree, ROOMS } from './rooms.mjs'

const house = readTree('src')
const planted = (path, text) => faultsOf({ ...house, [path]: text })

describe('the rooms', () => {
  test('hold nothing that does not belong there', () => {
    expect(faultsOf(house)).toEqual([])
  })

  test.each(PLAIN)('know no Vue: %s', (room) => {
    expect(planted(`${room}/planted.ts`, "import { ref } from 'vue'\nimport { Button } from 'vant/es/button'")).toEqual([
      `${room}/planted.ts is in a plain room and imports vue`,
      `${room}/planted.ts is in a plain room and imports vant/es/button`,
    ])
    expect(planted(`${room}/planted.ts`, "export const page = () => import('../components/AppIcon.vue')")).toEqual([
      `${room}/planted.ts is in a plain room and imports components/AppIcon.vue`,
    ])
  })

  test.each(ROOMS.slice(0, -1).map((room, floor) => [room, ROOMS[floor + 1]]))('do not look up: %s at %s', (lower, upper) => {
    const fault = [`${lower}/planted.ts imports from a room above it: ${upper}/over.ts`]
    for (const line of [
      "import { a } from 'X'",
      "import type { A } from 'X'",
      "export * from 'X'",
      "void import('X')",
      "type A = import('X').A",
    ]) {
      const tree = { ...house, [`${upper}/over.ts`]: '', [`${lower}/planted.ts`]: line.replace('X', `../${upper}/over`) }
      expect(faultsOf(tree), line).toEqual(fault)
    }
  })

  test('do not look up from a component either', () => {
    expect(
      planted('components/Planted.vue', '<script setup lang="ts">\nimport Page from \'../pages/shared/MissingPage.vue\'\n</script>'),
    ).toEqual(['components/Planted.vue imports from a room above it: pages/shared/MissingPage.vue'])
  })

  test('leave what puts the house together alone', () => {
    expect(planted('pages/shared/planted.ts', "import { router } from '../../app/router'")).toEqual([
      'pages/shared/planted.ts imports app/router.ts, which only puts the house together',
    ])
  })

  test('have no circle, not even through a type or a late import', () => {
    const tree = {
      ...house,
      'words/one.ts': "import type { Two } from './two'",
      'words/two.ts': "export const one = () => import('./one')",
    }
    expect(faultsOf(tree)).toEqual(['a circle: words/one.ts → words/two.ts → words/one.ts'])
  })

  test('take nothing from the tests', () => {
    expect(planted('app/planted.ts', "import { liNa } from '../testing/cast'")).toEqual([
      'app/planted.ts is no test and imports testing/cast.ts',
    ])
  })

  test('are the only places for a file', () => {
    expect(planted('helpers.ts', '')).toEqual(['helpers.ts lies in none of the rooms'])
    expect(planted('utils/planted.ts', '')).toEqual(['utils/planted.ts lies in none of the rooms'])
  })

  test('keep lines and files readable, sentences and styles included', () => {
    expect(planted('words/zh/planted.ts', `export const planted = '${'长'.repeat(140)}'`)).toEqual([
      'words/zh/planted.ts:1 has 165 characters',
    ])
    expect(planted('app/planted.css', 'a {\n}\n'.repeat(201))).toEqual(['app/planted.css has 402 lines'])
  })
})
