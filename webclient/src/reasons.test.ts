import { describe, expect, test } from 'vitest'
import { REASONS, reasons } from './reasons'

describe('reasons', () => {
  test('every reason says what happened and what to do, in both languages', () => {
    for (const reason of REASONS) {
      for (const language of ['zh', 'en'] as const) {
        expect(reasons[reason][language].says, reason).not.toBe('')
        expect(reasons[reason][language].next, reason).not.toBe('')
      }
    }
  })

  test('Chinese sentences use full-width punctuation', () => {
    for (const reason of REASONS) expect(reasons[reason].zh.says + reasons[reason].zh.next, reason).not.toMatch(/[\u4e00-\u9fff][,;:?!]/)
  })
})
