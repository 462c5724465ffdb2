import { toLocalField } from '../../dates'
import { t } from '../../i18n'
import type { Agency, Basis, Enterprise, EnterpriseDetail, Helper, InspectorRef, Matter, Me, Purpose } from '../../types'

export interface RegistrationForm {
  enterprise: Enterprise | EnterpriseDetail | null
  purpose: Purpose
  basis: Basis | null
  matters: Matter[]
  inspectors: InspectorRef[]
  joint: Agency[]
  helpers: Helper[]
  from: string
  to: string
  reason: string
}

const HALF_HOUR = 30 * 60_000
const USUAL_LENGTH = 4 * HALF_HOUR

export function emptyForm(me: Me | null, now = Date.now()): RegistrationForm {
  const start = Math.ceil((now + HALF_HOUR) / HALF_HOUR) * HALF_HOUR
  return {
    enterprise: null, purpose: 'inspection', basis: null, matters: [], inspectors: me?.inspector ? [me.inspector] : [], joint: [], helpers: [],
    from: toLocalField(start), to: toLocalField(start + USUAL_LENGTH), reason: '',
  }
}

/** What is still empty. Everything that is a judgement is left to the server, which knows the rules. */
export function missingIn(form: RegistrationForm, urgent: boolean): string[] {
  return [
    !form.enterprise && t('inspector.register.needEnterprise'),
    !form.basis && t('inspector.register.needBasis'),
    (!form.from || !form.to) && t('inspector.register.needWindow'),
    form.purpose === 'inspection' && !form.matters.length && t('inspector.register.needMatters'),
    !form.inspectors.length && t('inspector.register.needInspectors'),
    urgent && !form.reason.trim() && t('inspector.register.needReason'),
  ].filter((one): one is string => one !== false)
}
