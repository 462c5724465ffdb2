// What is wrong with one field of a form, as the server names it, in words. Loaded with the first refusal, like the reasons.
import type { FieldError } from '../api/problem'
import type { Key, Language } from './keys'

const say = (zh: string, en: string) => ({ zh, en })

const FAULTS: Record<string, { zh: string; en: string }> = {
  missing: say('请填写。', 'Fill this in.'),
  too_short: say('太短，至少 {limit}。', 'Too short: at least {limit}.'),
  too_long: say('太长，最多 {limit}。', 'Too long: at most {limit}.'),
  too_small: say('不能小于 {limit}。', 'Not less than {limit}.'),
  too_large: say('不能大于 {limit}。', 'Not more than {limit}.'),
  not_a_choice: say('请从所列选项中选择。', 'Choose one of the options given.'),
  unheard_of: say('服务器不认识这一项，请刷新页面后重试。', 'The server does not know this field; reload the page and try again.'),
  unknown: say('已不存在，请重新选择。', 'No longer exists; choose again.'),
  malformed: say('格式不对。', 'Not in the right form.'),
  forbidden_character: say('含有不允许的字符，请删除后重试。', 'Holds a character that is not allowed; delete it and try again.'),
  outside_calendar: say('日期须在 2000 年至 2100 年之间。', 'The date must lie between the years 2000 and 2100.'),
}

/** The words that the forms themselves use; a name without one is shown as the server gave it. */
const FIELDS: Record<string, Key> = {
  enterprise_id: 'visit.enterprise',
  purpose: 'visit.purpose',
  basis: 'visit.basis',
  matter_ids: 'visit.matters',
  inspector_ids: 'visit.inspectors',
  joint_agency_ids: 'visit.joint',
  helpers: 'visit.helpers',
  window_from_at: 'inspector.register.from',
  window_to_at: 'inspector.register.to',
  reason: 'extra.reason',
  off_site_means: 'verdict.offSite.legend',
  asked_for: 'verdict.offSite.askedFor',
  claims: 'verdict.claim.legend',
  evidence: 'verdict.claim.evidence',
  name: 'inspector.register.helperName',
  organisation: 'inspector.register.helperOrganisation',
  answers: 'visit.checklist',
  findings: 'visit.findings',
  text: 'inspector.record.findingText',
  disposition: 'visit.disposition',
  advice: 'visit.advice',
  heads: 'visit.heads',
  minutes: 'visit.minutes',
  note: 'inspector.record.note',
  ground: 'inspector.visitPage.ground',
  code: 'camera.typeLabel',
  overall: 'rating.overall',
  conduct: 'rating.conduct',
  lawfulness: 'rating.lawfulness',
  beyond_list: 'rating.beyond',
  remark: 'rating.remark',
  username: 'signin.username',
  password: 'signin.password',
  current: 'account.current',
  new: 'account.next',
  q: 'action.search',
  from_on: 'supervisor.filter.from',
  to_on: 'supervisor.filter.to',
  stage: 'supervisor.filter.stage',
  region: 'supervisor.filter.region',
}

type Say = (key: Key) => string

/** "发现的问题 2 · 问题描述：请填写。" Told the language instead of asking, or every first visit would carry one more file. */
export function faultSays(error: FieldError, language: Language, t: Say): string {
  const names: string[] = []
  for (const part of error.field.split('.').filter(Boolean)) {
    const place = Number(part)
    if (Number.isInteger(place) && names.length) names.push(`${names.pop()} ${place + 1}`)
    else names.push(wordOf(part, t))
  }
  const sentence = FAULTS[error.fault]?.[language].replace('{limit}', String(error.limit ?? '')) ?? error.message
  const colon = language === 'zh' ? '：' : ': '
  return names.length ? names.join(' · ') + colon + sentence : sentence
}

function wordOf(name: string, t: Say): string {
  const key = FIELDS[name]
  const word = key && t(key)
  // A page without the words of that area gets the bare key back.
  return word && word !== key ? word : name
}
