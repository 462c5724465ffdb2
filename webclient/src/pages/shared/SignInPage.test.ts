import { fireEvent, waitFor } from '@testing-library/dom'
import { beforeEach, describe, expect, test } from 'vitest'
import { session as signedIn, tokens } from '../../api/session'
import { bakeryMe, session } from '../../testing/cast'
import { show } from '../../testing/render'
import { fakeWire, on, problem } from '../../testing/wire'
import SignInPage from './SignInPage.vue'

beforeEach(() => tokens.forget())

async function fill(at = '/signin') {
  const shown = await show(SignInPage, {}, at)
  fireEvent.input(shown.screen.getByLabelText('账号'), { target: { value: 'bakery' } })
  fireEvent.input(shown.screen.getByLabelText('密码'), { target: { value: 'secret' } })
  fireEvent.click(shown.screen.getByRole('button', { name: '登录' }))
  return shown
}

describe('signing in', () => {
  test('leads to the page that was asked for', async () => {
    fakeWire(on('POST /sessions', { status: 201, body: session(bakeryMe) }))

    const { router } = await fill('/signin?next=/visits/v1')

    await waitFor(() => expect(router.currentRoute.value.path).toBe('/visits/v1'))
    expect(signedIn.me?.name).toBe('糕点厂')
  })

  test('never leads to another host', async () => {
    fakeWire(on('POST /sessions', { status: 201, body: session(bakeryMe) }))

    const { router } = await fill('/signin?next=//evil.test/')

    await waitFor(() => expect(router.currentRoute.value.name).toBe('enterprise'))
  })

  test('says what is wrong and what to do', async () => {
    fakeWire(on('POST /sessions', problem(401, 'bad_credentials')))

    const { screen } = await fill()

    expect((await screen.findByRole('alert')).textContent).toContain('账号或密码不正确')
  })

  test('asks for both fields before it asks the server', async () => {
    const sent = fakeWire()
    const { screen } = await show(SignInPage)

    fireEvent.click(screen.getByRole('button', { name: '登录' }))

    expect((await screen.findByRole('alert')).textContent).toBe('请填写账号和密码。')
    expect(sent).toEqual([])
  })
})
