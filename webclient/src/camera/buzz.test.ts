import { beforeEach, expect, test, type Mock } from 'vitest'
import { fakePhone } from '../testing/camera'
import { buzz } from './buzz'

beforeEach(() => void fakePhone())

const touched = (hasBeenActive: boolean) =>
  Object.defineProperty(navigator, 'userActivation', { value: { hasBeenActive }, configurable: true })

const felt = () => (navigator as unknown as { vibrate: Mock }).vibrate.mock.calls

test('trembles where somebody has tapped, or where the browser does not say', () => {
  buzz(80, 60)
  expect(felt()).toEqual([[[80, 60]]])
})

test('keeps still on a page that nobody has tapped', () => {
  touched(false)
  buzz(80)
  expect(felt()).toEqual([])

  touched(true)
  buzz(80)
  expect(felt()).toEqual([[[80]]])
})
