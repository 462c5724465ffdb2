// An enterprise's entry and the life of its plaques, after its first; apart from the other calls: no home page needs them.
import { json, type Call } from './api'
import type { Enterprise } from './types'

const post = <T>(path: string, body?: unknown, call: Call = {}) => json<T>(path, { method: 'POST', body, ...call })

export interface EnterpriseIn {
  uscc: string
  name: string
  region_code: string
  address: string
}

export const addEnterprise = (body: EnterpriseIn) => post<Enterprise>('/enterprises', body)
