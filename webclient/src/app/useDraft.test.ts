import { waitFor } from '@testing-library/dom'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { effectScope } from 'vue'
import { tokens } from '../api/session'
import { store } from '../api/store'
import { goOutOfSight } from '../testing/camera'
import { liNaMe, session, visit } from '../testing/cast'
import { useDraft } from './useDraft'

const bakery = visit({ stage: 'on_site', on_site_at: '2026-11-24T02:00:00Z' })
const kept = async () => (await (await store()).getAll('drafts')) as { advice: string }[]

beforeEach(async () => {
  tokens.keep(session(liNaMe))
  await (await store()).clear('drafts')
})

async function opened() {
  const scope = effectScope()
  const form = scope.run(() => useDraft(bakery.id))!
  await form.open(bakery)
  return { ...form, scope }
}

describe('a draft', () => {
  test('is not written before anything was changed', async () => {
    const { savedAt, scope } = await opened()
    await new Promise((resolve) => setTimeout(resolve, 300))

    expect([await kept(), savedAt.value]).toEqual([[], null])
    scope.stop()
  })

  test('is kept once, a moment after the last letter, and found again', async () => {
    const put = vi.spyOn(IDBObjectStore.prototype, 'put')
    const { draft, savedAt, scope } = await opened()

    draft.value!.advice = '请'
    await Promise.resolve()
    draft.value!.advice = '请保持通风'
    await waitFor(() => expect(savedAt.value).toMatch(/^\d\d:\d\d$/))

    expect([put.mock.calls.length, (await kept()).map((one) => one.advice)]).toEqual([1, ['请保持通风']])
    scope.stop()
    expect((await opened()).draft.value!.advice).toBe('请保持通风')
  })

  test('is kept at once when the page goes out of sight, or is left', async () => {
    const { draft, scope } = await opened()
    draft.value!.advice = '一'
    goOutOfSight(true)
    await waitFor(async () => expect((await kept()).map((one) => one.advice)).toEqual(['一']))

    draft.value!.advice = '二'
    scope.stop()
    await waitFor(async () => expect((await kept()).map((one) => one.advice)).toEqual(['二']))
  })

  test('is gone for good once the server has the record', async () => {
    const { draft, save, finish, scope } = await opened()
    draft.value!.advice = '一'
    await save()

    await finish()
    draft.value!.advice = '二'
    await save()
    scope.stop()

    expect(await kept()).toEqual([])
  })
})
