import { fireEvent } from '@testing-library/dom'
import { beforeEach, expect, test } from 'vitest'
import { tokens } from '../../api/session'
import { bakery, liNaMe, plaque, session } from '../../testing/cast'
import { show } from '../../testing/render'
import { fakeWire, on } from '../../testing/wire'
import PlaqueFold from './PlaqueFold.vue'

beforeEach(() => tokens.keep(session(liNaMe)))

test('the history of the plaques is fetched when it is opened, once, and changes nothing', async () => {
  const sent = fakeWire(
    on(`GET /enterprises/${bakery.id}`, {
      body: {
        ...bakery,
        plaques: [
          plaque({ revoked_at: '2026-03-01T02:00:00Z', revoked_reason: 'reissued' }),
          plaque({ serial: 9, revoked_at: '2026-03-01T02:00:00Z', revoked_reason: '丢了', lost: true }),
        ],
      },
    }),
  )
  const { screen, root } = await show(PlaqueFold, { enterprise: bakery.id })
  expect(sent).toHaveLength(0)
  const fold = root.querySelector('details')!

  fold.open = true
  fireEvent(fold, new Event('toggle'))

  await screen.findByText('2026-03-01 10:00 作废：已换新码')
  expect(screen.getByText('还没有找到。')).toBeTruthy()
  expect(screen.queryByRole('button')).toBeNull()
  fireEvent(fold, new Event('toggle'))
  expect(sent).toHaveLength(1)
})
