import type { AgencyRef, InspectorRef, Matter, Me, Plaque, Session, Visit } from '../api/types'

// The cast: Li Na inspects, Wang Jun is her colleague, the Bakery is visited.
export const market: AgencyRef = { id: 'agency-market', name: '市场监督管理局', department: '市场监管' }
export const liNa: InspectorRef = {
  id: 'inspector-li',
  name: '李娜',
  certificate_no: 'Z001',
  valid_from_on: '2024-01-01',
  valid_to_on: '2099-12-31',
  expired: false,
  agency: market,
}
export const liNaMe: Me = {
  id: 'account-li',
  username: 'lina',
  name: '李娜',
  role: 'inspector',
  agency: market,
  region: null,
  enterprise: null,
  inspector: liNa,
}
export const bakery = {
  id: 'enterprise-bakery',
  uscc: '91350100M000100Y43',
  name: '林邑糕点厂',
  address: '人民路88号',
  region: { code: '431002', name: '北湖区' },
}
export const bakeryMe: Me = {
  id: 'account-bakery',
  username: 'bakery',
  name: '糕点厂',
  role: 'enterprise',
  agency: null,
  region: null,
  enterprise: bakery,
  inspector: null,
}
export const food: Matter = {
  id: 'matter-food',
  code: 'F1',
  version: 1,
  name: '食品生产日常检查',
  department: '市场监管',
  legal_basis: '食品安全法',
  method: '现场检查',
  yearly_frequency: 2,
  checklist: [
    { key: 'license', text: '许可证在有效期内' },
    { key: 'clean', text: '车间清洁' },
  ],
}

export function plaque(changes: Partial<Plaque> = {}): Plaque {
  return {
    serial: 7,
    site: '',
    issued_at: '2026-01-01T00:00:00Z',
    revoked_at: null,
    revoked_reason: null,
    lost: false,
    found_at: null,
    found_note: '',
    url: null,
    ...changes,
  }
}

export function session(me: Me, access = 'access'): Session {
  return { access_token: access, refresh_token: 'refresh', expires_in: 900, me }
}

export function visit(changes: Partial<Visit> = {}): Visit {
  return {
    id: 'visit-bakery',
    enterprise: bakery,
    agency: market,
    purpose: 'inspection',
    basis: 'plan',
    stage: 'approved',
    amber: false,
    window_from_at: '2026-11-24T01:00:00Z',
    window_to_at: '2026-11-24T09:00:00Z',
    on_site_at: null,
    recorded_at: null,
    record_due_at: null,
    overdue: false,
    inspectors: ['李娜', '王军'],
    matters: [food.name],
    reason: '',
    joint_agencies: [],
    helpers: [],
    matter_list: [food],
    inspector_list: [
      { id: liNa.id, name: '李娜', agency: market, certificate_no: 'Z001', valid_to_on: '2099-12-31', scanned_at: null },
      { id: 'inspector-wang', name: '王军', agency: market, certificate_no: 'Z002', valid_to_on: '2099-12-31', scanned_at: null },
    ],
    approvals: [{ agency: market, decision: 'approve', reason: '', decided_at: '2026-11-23T01:00:00Z', decided_by: '赵敏' }],
    scans: [],
    record: null,
    evaluation: null,
    evaluation_due_at: null,
    inspectors_needed: 2,
    actions: [],
    verdicts: [],
    refusal_grounds: [],
    liftable: [],
    policy_version: 'chenzhou@2026.11',
    tier: '',
    presence_demanded: null,
    off_site_means: null,
    asked_for: '',
    materials: [],
    is_late: false,
    confirmed: null,
    ...changes,
  } as Visit
}
