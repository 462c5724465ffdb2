import { describe, expect, test } from 'vitest'
import { REASONS } from '../api/reasons'
import { useLanguage } from './i18n'
import { reasons } from './reasons'
import { reasons as english } from './reasons.en'
import { loadReasons, reasonWords } from './refusals'

describe('reasons', () => {
  test('every reason says what happened and what to do, in both languages', () => {
    for (const words of [reasons, english]) {
      for (const reason of REASONS) {
        expect(words[reason].says, reason).not.toBe('')
        expect(words[reason].next, reason).not.toBe('')
      }
    }
  })

  test('Chinese sentences use full-width punctuation', () => {
    for (const reason of REASONS) expect(reasons[reason].says + reasons[reason].next, reason).not.toMatch(/[\u4e00-\u9fff][,;:?!]/)
  })

  test('are read in the language of the page, which the English ones follow', async () => {
    expect(reasonWords('stale_code').says).toBe(reasons.stale_code.says)

    await useLanguage('en')
    await loadReasons()

    expect(reasonWords('stale_code').says).toBe(english.stale_code.says)
  })
})
