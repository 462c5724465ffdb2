import { beforeEach, describe, expect, test, vi } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { tokens } from '../api/session'
import { store } from '../api/store'
import { deliver, put, reload } from '../outbox/outbox'
import { liNaMe, session } from '../testing/cast'
import { fakeWire, on, problem } from '../testing/wire'
import { useItem } from './useItem'

const scan = (id: string) => ({ id, userId: liNaMe.id, kind: 'scan' as const, visitId: id, label: '林邑糕点厂', path: '/scans', body: {} })

beforeEach(async () => {
  tokens.keep(session(liNaMe))
  await (await store()).clear('outbox')
  await reload()
})

function watched(wanted = ref('s1')) {
  const told = { delivered: vi.fn<(reply: unknown) => void>(), refused: vi.fn<(problem: { reason: string }) => void>() }
  const scope = effectScope()
  scope.run(() => useItem((item) => item.id === wanted.value, told))
  return { ...told, scope, wanted, reasons: () => told.refused.mock.calls.map(([one]) => one.reason) }
}

describe('an item that is waited for', () => {
  test('is told when it has arrived, with the reply, and no other is', async () => {
    fakeWire(on('POST /scans', { status: 201, body: { scanned: 1 } }, { status: 201, body: { scanned: 2 } }))
    const { delivered } = watched()
    await put([scan('s1'), scan('s2')])

    await deliver()

    expect(delivered.mock.calls).toEqual([[{ scanned: 1 }]])
  })

  test('is told when the server says no, with the reason', async () => {
    fakeWire(on('POST /scans', problem(409, 'outside_window')))
    const { reasons, delivered } = watched()
    await put([scan('s1')])

    await deliver()
    await nextTick()

    expect([reasons(), delivered.mock.calls]).toEqual([['outside_window'], []])
  })

  test('may be meant only after the no has come', async () => {
    fakeWire(on('POST /scans', problem(409, 'outside_window')))
    const { reasons, wanted } = watched(ref(''))
    await put([scan('s1')])
    await deliver()
    expect(reasons()).toEqual([])

    wanted.value = 's1'
    await nextTick()

    expect(reasons()).toEqual(['outside_window'])
  })

  test('is nobody’s once the page is gone', async () => {
    fakeWire(on('POST /scans', { status: 201 }))
    const { delivered, scope } = watched()
    await put([scan('s1')])

    scope.stop()
    await deliver()

    expect(delivered).not.toHaveBeenCalled()
  })
})
