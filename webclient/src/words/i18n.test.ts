import { describe, expect, test } from 'vitest'
import { en } from './en'
import { locale, t, useLanguage } from './i18n'
import { words as zh } from './zh'

function leaves(tree: object, path = ''): Record<string, string> {
  return Object.assign(
    {},
    ...Object.entries(tree).map(([key, value]) =>
      typeof value === 'string' ? { [path + key]: value } : leaves(value as object, `${path}${key}.`),
    ),
  ) as Record<string, string>
}
const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort()

describe('words', () => {
  test('both languages have the same keys', () => {
    expect(Object.keys(leaves(en)).sort()).toEqual(Object.keys(leaves(zh)).sort())
  })

  test('a sentence names the same values in both languages', () => {
    const english = leaves(en)
    for (const [key, text] of Object.entries(leaves(zh))) expect(places(english[key] ?? ''), key).toEqual(places(text))
  })

  test('switching changes the words and the document’s language', async () => {
    expect(t('signin.submit')).toBe('登录')
    await useLanguage('en')
    expect([t('signin.submit'), locale.language, document.documentElement.lang]).toEqual(['Sign in', 'en', 'en'])
  })

  test('values are put in', () => {
    expect(t('page.loaded', { n: 3 })).toBe('已显示 3 条')
  })
})
