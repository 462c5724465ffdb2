// The closed lists that forms and filters offer, in the order a person should meet them.
import type { Basis, ChecklistAnswer, Disposition, Purpose, Role, Stage } from '../api/types'

export const STAGES = [
  'registered',
  'approved',
  'on_site',
  'turned_away',
  'recorded',
  'evaluated',
  'unrated',
  'rejected',
  'cancelled',
  'expired',
] as const satisfies readonly Stage[]
export const PURPOSES = ['inspection', 'service'] as const satisfies readonly Purpose[]
export const BASES = [
  'plan',
  'random_draw',
  'complaint',
  'tip',
  'ordered',
  'follow_up',
  'emergency',
  'request',
  'service',
] as const satisfies readonly Basis[]
export const DISPOSITIONS = ['none', 'guidance', 'correction_order', 'case_opened', 'transferred'] as const satisfies readonly Disposition[]
export const ANSWERS = ['yes', 'no', 'not_applicable'] as const satisfies readonly ChecklistAnswer[]
export const ROLES = ['inspector', 'head', 'enterprise', 'supervisor', 'administrator'] as const satisfies readonly Role[]
export const RATINGS = [1, 2, 3, 4, 5] as const
