import type { Stage, VisitEvent } from '../api/types'
import { STAGES } from './enums'
import { locale, t } from './i18n'
import { reasonSays } from './refusals'

// Verbs that are no stage; the verb of a move is the stage itself. A verb new to this client is shown as the server wrote it.
const VERBS: Record<string, [zh: string, en: string]> = {
  registered: ['登记', 'Registered'],
  approved: ['审批通过', 'Approved'],
  recorded: ['检查记录封存', 'Record sealed'],
  on_site: ['入企检查开始', 'Visit opened'],
  approval_given: ['单位审批同意', 'Approved by an agency'],
  approval_refused: ['补审批未通过', 'Late approval refused'],
  approved_afterwards: ['事后补审批', 'Approved afterwards'],
  block_lifted: ['例外获准', 'Exception granted'],
  lift_refused: ['例外未获准', 'Exception refused'],
  late_entry_confirmed: ['企业确认补录', 'Late entry confirmed by the enterprise'],
  late_entry_denied: ['企业否认补录', 'Late entry denied by the enterprise'],
  rejudged: ['重新判定', 'Judged anew'],
  joined: ['合并入企', 'Another agency joined'],
  material_sent: ['企业提交材料', 'Materials sent by the enterprise'],
  scanned: ['扫码通过', 'Scan accepted'],
  scan_refused: ['扫码未通过', 'Scan refused'],
  scan_withdrawn: ['撤回扫码', 'Scan withdrawn'],
  amended: ['补正记录', 'Record amended'],
}

export function eventWord(verb: string): string {
  const words = VERBS[verb]
  if (words) return words[locale.language === 'zh' ? 0 : 1]
  return isStage(verb) ? t(`stage.${verb}`) : verb
}

/** What else the event says that a reader can use. */
export function eventDetail(event: VisitEvent): string {
  const { reason, because, ground } = event.after
  return [ground, reason ?? because]
    .filter((one): one is string => typeof one === 'string' && one !== '')
    .map(reasonSays)
    .join(' · ')
}

function isStage(value: string): value is Stage {
  return (STAGES as readonly string[]).includes(value)
}
