import { describe, expect, test } from 'vitest'
import { useLanguage } from './i18n'
import { faultSays } from './refusals'

const error = (field: string, fault: string, limit: number | null = null) => ({ field, fault, limit, message: 'as the server logs it' })

describe('a fault of a field', () => {
  test('is said with the form’s own word and its bound', () => {
    expect(faultSays(error('heads', 'too_large', 200))).toBe('入企人数：不能大于 200。')
    expect(faultSays(error('remark', 'too_long', 300))).toBe('意见和建议：太长，最多 300。')
  })

  test('counts list items from one, as the page does', () => {
    expect(faultSays(error('findings.1.text', 'missing'))).toBe('发现的问题 2 · 问题描述：请填写。')
  })

  test('is in English when the page is', async () => {
    await useLanguage('en')
    expect(faultSays(error('minutes', 'too_small', 1))).toMatch(/^[\w ()]+: Not less than 1\.$/)
  })

  test('of an unknown kind or field falls back to what the server gave', () => {
    expect(faultSays(error('shoe_size', 'odd'))).toBe('shoe_size：as the server logs it')
    expect(faultSays(error('', 'malformed'))).toBe('格式不对。')
  })
})
