import type { Messages } from '..'
import { administrator } from './administrator'
import { common } from './common'
import { enterprise } from './enterprise'
import { inspector } from './inspector'
import { landing } from './landing'
import { supervisor } from './supervisor'

export const en: Messages = { ...common, inspector, enterprise, supervisor, administrator, landing }
