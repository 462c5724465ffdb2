import type { Messages } from '..'
import { account } from './account'
import { administrator } from './administrator'
import { camera } from './camera'
import { common } from './common'
import { enterprise } from './enterprise'
import { inspector } from './inspector'
import { landing } from './landing'
import { law } from './law'
import { rules } from './rules'
import { supervisor } from './supervisor'

export const en: Messages = { ...common, account, inspector, enterprise, supervisor, administrator, camera, landing, law, rules }
