import { locale, t } from './i18n'

interface Said {
  title: string
  title_en: string
  sentence: string
  sentence_en: string
}

/** What a clause says of a visit, in the reader's language. */
export const said = (verdict: Said) => (locale.language === 'zh' ? verdict.sentence : verdict.sentence_en)
export const titled = (clause: Pick<Said, 'title' | 'title_en'>) => (locale.language === 'zh' ? clause.title : clause.title_en)

/** Who may grant an exception. */
export const approverWord = (role: string) => t(role === 'supervisor' ? 'verdict.claim.supervisor' : 'verdict.claim.head')
