import { reactive, readonly, shallowRef } from 'vue'
import type { FieldError } from './faults'
import type { Reason, Words } from './reasons'
import { loadArea, words, type Area, type Zh } from './zh'

export type Language = 'zh' | 'en'
export type Messages = Shape<Zh>
export type Key = Leaf<Zh>

/** The same tree with any string in each leaf: what every further language has to be. */
type Shape<T> = { [K in keyof T]: T[K] extends string ? string : Shape<T[K]> }
type Leaf<T> = { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Leaf<T[K]>}` }[keyof T & string]

const STORED = 'ruqi.language'
const state = reactive<{ language: Language }>({ language: 'zh' })
const messages = shallowRef<Partial<Messages>>(words)

export const locale = readonly(state) as Readonly<{ language: Language }>

export function t(key: Key, values: Record<string, string | number> = {}): string {
  let node: unknown = messages.value
  for (const step of key.split('.')) node = (node as Record<string, unknown> | undefined)?.[step]
  if (typeof node !== 'string') return key
  return node.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

const sentences = shallowRef<typeof import('./reasons') | null>(null)
const english = shallowRef<typeof import('./reasons.en') | null>(null)

/** Refusals are rare and their sentences many, so they come with the first one, in the language that is read. */
export async function loadReasons(): Promise<typeof import('./reasons')> {
  const [loaded] = await Promise.all([sentences.value ?? import('./reasons'), state.language === 'en' ? loadEnglish() : undefined])
  return (sentences.value = loaded)
}
const loadEnglish = async () => (english.value ??= await import('./reasons.en'))

export function reasonWords(reason: Reason): Words {
  const spoken = state.language === 'en' ? english.value : sentences.value
  if (!spoken) void loadReasons().catch(() => undefined)
  return spoken?.reasons[reason] ?? { says: t('state.refused'), next: '' }
}

/** The sentence of a reason that the server stored or named inside a longer answer; anything unknown stays as it is. */
export function reasonSays(given: string): string {
  if (!sentences.value) void loadReasons().catch(() => undefined)
  return sentences.value?.isReason(given) ? reasonWords(given).says : given
}

/** What is wrong with one field; the server's own words when the sentences could not be fetched. */
export const faultSays = (error: FieldError) => sentences.value?.faultSays(error, state.language, t) ?? error.message

/** Joins names the way the language does. */
export function joined(names: readonly string[]): string {
  return names.join(state.language === 'zh' ? '、' : ', ')
}

/** Brings the words that a page needs; called by the route before the page is shown. */
export async function loadAreas(areas: readonly Area[]): Promise<void> {
  await Promise.all(areas.map(loadArea))
}

export async function useLanguage(language: Language): Promise<void> {
  messages.value = language === 'en' ? (await import('./en')).en : words
  state.language = language
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
  localStorage.setItem(STORED, language)
}

export async function restoreLanguage(): Promise<void> {
  // Chinese unless the person chose otherwise here: phones set to English still belong to Chinese offices.
  if (localStorage.getItem(STORED) === 'en') await useLanguage('en').catch(() => undefined)
}
