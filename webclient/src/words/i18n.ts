import { cell } from '../api/cell'
import type { Key, Language, Messages } from './keys'
import { loadArea, words, type Area } from './zh'

export type { Key, Language }

const STORED = 'ruqi.language'
const language = cell<Language>('zh')
const messages = cell<Partial<Messages>>(words)

export const locale = {
  get language() {
    return language.value
  },
}

export function t(key: Key, values: Record<string, string | number> = {}): string {
  let node: unknown = messages.value
  for (const step of key.split('.')) node = (node as Record<string, unknown> | undefined)?.[step]
  if (typeof node !== 'string') return key
  return node.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

/** Joins names the way the language does. */
export function joined(names: readonly string[]): string {
  return names.join(language.value === 'zh' ? '、' : ', ')
}

/** Brings the words that a page needs; called by the route before the page is shown. */
export async function loadAreas(areas: readonly Area[]): Promise<void> {
  await Promise.all(areas.map(loadArea))
}

export async function useLanguage(wanted: Language): Promise<void> {
  messages.value = wanted === 'en' ? (await import('./en')).en : words
  language.value = wanted
  document.documentElement.lang = wanted === 'zh' ? 'zh-CN' : 'en'
  localStorage.setItem(STORED, wanted)
}

export async function restoreLanguage(): Promise<void> {
  // Chinese unless the person chose otherwise here: phones set to English still belong to Chinese offices.
  if (localStorage.getItem(STORED) === 'en') await useLanguage('en').catch(() => undefined)
}
