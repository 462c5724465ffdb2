// What pages are called, apart from the pages themselves: whoever leads to one need not load the router.
import type { Role } from '../api/types'

export type RouteName =
  | 'signin'
  | 'account'
  | 'code'
  | 'home'
  | 'missing'
  | 'today'
  | 'register'
  | 'visit'
  | 'scan'
  | 'visit-scan'
  | 'record'
  | 'outbox'
  | 'phones'
  | 'enrol'
  | 'living-code'
  | 'meet'
  | 'visit-code'
  | 'door-reports'
  | 'approvals'
  | 'unit'
  | 'enterprise'
  | 'rate'
  | 'enterprise-plaque'
  | 'frequency'
  | 'policy'
  | 'overview'
  | 'visits'
  | 'imports'
  | 'plaques'
  | 'accounts'

const HOMES: Record<Role, RouteName> = {
  inspector: 'today',
  head: 'approvals',
  enterprise: 'enterprise',
  supervisor: 'frequency',
  administrator: 'imports',
}

export const homeOf = (role: Role): RouteName => HOMES[role]
