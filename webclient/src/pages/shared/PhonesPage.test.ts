import { fireEvent, waitFor, within } from '@testing-library/dom'
import { beforeEach, describe, expect, test } from 'vitest'
import { tokens } from '../../api/session'
import type { Phone } from '../../api/types'
import { bakeryMe, session } from '../../testing/cast'
import { show } from '../../testing/render'
import { fakeWire, on, problem } from '../../testing/wire'
import PhonesPage from './PhonesPage.vue'

const phone = (changes: Partial<Phone>): Phone => ({
  number: 1,
  label: '老板的手机',
  role: 'owner',
  enrolled_at: '2026-01-01T00:00:00Z',
  revoked_at: null,
  revoked_because: null,
  mine: true,
  ...changes,
})
const shop = (changes: Partial<Phone> = {}) => phone({ number: 2, label: '店里的手机', role: 'clerk', mine: false, ...changes })
const list = (...items: Phone[]) => ({ body: { items, most: 5 } })

beforeEach(() => tokens.keep(session(bakeryMe)))

describe('the phones of an enterprise', () => {
  test('an owner makes another phone an owner’s', async () => {
    const sent = fakeWire(
      on('GET /phones', list(phone({}), shop()), list(phone({}), shop({ role: 'owner' }))),
      on('POST /phones/2/role', { status: 201, body: shop({ role: 'owner' }) }),
    )
    const { screen } = await show(PhonesPage)
    fireEvent.click(await screen.findByRole('button', { name: '设为负责人：店里的手机' }))
    fireEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: '设为负责人' }))

    await screen.findByRole('button', { name: '设为经办人：店里的手机' })
    expect(sent.find((one) => one.method === 'POST')!.body).toEqual({ role: 'owner' })
  })

  test('the only owner stays one, and is told why', async () => {
    fakeWire(on('GET /phones', list(phone({}), shop())), on('POST /phones/1/role', problem(409, 'last_owner')))
    const { screen } = await show(PhonesPage)
    fireEvent.click(await screen.findByRole('button', { name: '设为经办人：老板的手机' }))
    fireEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: '设为经办人' }))

    await waitFor(() => expect(screen.getByRole('alert').textContent).toContain('这是唯一的负责人手机。'))
  })

  test('a clerk is offered no role to give', async () => {
    fakeWire(on('GET /phones', list(phone({ mine: false }), shop({ mine: true }))))

    const { screen } = await show(PhonesPage)

    expect(await screen.findAllByRole('button', { name: /^停用/ })).toHaveLength(2)
    expect(screen.queryByRole('button', { name: /^设为/ })).toBeNull()
  })
})
