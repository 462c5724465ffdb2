import type {
  Agency,
  Basis,
  Claim,
  Enterprise,
  EnterpriseDetail,
  Helper,
  InspectorRef,
  Matter,
  Me,
  Planned,
  Purpose,
} from '../../api/types'
import { fromLocalField, toLocalField } from '../../words/dates'
import { t } from '../../words/i18n'

export type OffSite = NonNullable<Planned['off_site_means']>

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
  offSite: OffSite | null
  askedFor: string
  /** Exceptions put forward, by clause; one whose class is not chosen is none. */
  claims: Record<string, Omit<Claim, 'clause'>>
}

const HALF_HOUR = 30 * 60_000
const USUAL_LENGTH = 4 * HALF_HOUR
const SHORTEST_EVIDENCE = 4

export function emptyForm(me: Me | null, now = Date.now()): RegistrationForm {
  const start = Math.ceil((now + HALF_HOUR) / HALF_HOUR) * HALF_HOUR
  return {
    enterprise: null,
    purpose: 'inspection',
    basis: null,
    matters: [],
    inspectors: me?.inspector ? [me.inspector] : [],
    joint: [],
    helpers: [],
    from: toLocalField(start),
    to: toLocalField(start + USUAL_LENGTH),
    reason: '',
    offSite: null,
    askedFor: '',
    claims: {},
  }
}

/** The plan as the server reads it, or null while enterprise or window are missing. */
export function planOf(form: RegistrationForm): Planned | null {
  const { enterprise, purpose, from, to } = form
  if (!enterprise || !from || !to) return null
  return {
    enterprise_id: enterprise.id,
    purpose,
    // A preview may come before the basis; the commonest one answers for it until then.
    basis: form.basis ?? (purpose === 'service' ? 'service' : 'plan'),
    matter_ids: form.matters.map((one) => one.id),
    inspector_ids: form.inspectors.map((one) => one.id),
    joint_agency_ids: form.joint.map((one) => one.id),
    helpers: form.helpers.filter((one) => one.name.trim()),
    window_from_at: fromLocalField(from),
    window_to_at: fromLocalField(to),
    reason: form.reason.trim(),
    off_site_means: form.offSite,
    asked_for: form.offSite ? form.askedFor.trim() : '',
  }
}

/** The exceptions put forward against these clauses; against a clause that no longer blocks there is nothing to claim. */
export function claimsOf(form: RegistrationForm, blocking: readonly string[]): Claim[] {
  return blocking.flatMap((clause) => {
    const claim = form.claims[clause]
    return claim?.class ? [{ clause, class: claim.class, evidence: claim.evidence.trim() }] : []
  })
}

/** What is still empty. Everything that is a judgement is left to the server, which knows the rules. */
export function missingIn(form: RegistrationForm, claims: readonly Claim[], needsReason: boolean): string[] {
  return [
    !form.enterprise && t('inspector.register.needEnterprise'),
    !form.basis && t('inspector.register.needBasis'),
    (!form.from || !form.to) && t('inspector.register.needWindow'),
    form.purpose === 'inspection' && !form.matters.length && t('inspector.register.needMatters'),
    !form.inspectors.length && t('inspector.register.needInspectors'),
    claims.some((one) => one.evidence.length < SHORTEST_EVIDENCE) && t('verdict.claim.needEvidence'),
    needsReason && !form.reason.trim() && t('verdict.reason.missing'),
  ].filter((one): one is string => one !== false)
}

/** Moves the window to another day, its hours kept. */
export function moveTo(form: RegistrationForm, day: string): void {
  const shift = Date.parse(`${day}T00:00:00Z`) - Date.parse(`${form.from.slice(0, 10)}T00:00:00Z`)
  const moved = (field: string) => toLocalField(Date.parse(fromLocalField(field)) + shift)
  ;[form.from, form.to] = [moved(form.from), moved(form.to)]
}
