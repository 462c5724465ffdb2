import { describe, expect, test } from 'vitest'
import { extraLines } from './extras'

describe('what a problem carries besides its reason', () => {
  test.each([
    [1800, ['请在 30 分钟后再试。']],
    [61, ['请在 2 分钟后再试。']],
    [42, ['请在 42 秒后再试。']],
    [2, []],
  ])('says how long to wait when the server said %i seconds', (seconds, lines) => {
    expect(extraLines({ reason: 'too_many_requests', retry_after: seconds })).toEqual(lines)
  })
})
