import type { Messages } from '../keys'
import { account } from './account'
import { administrator } from './administrator'
import { camera } from './camera'
import { common } from './common'
import { door } from './door'
import { enterprise } from './enterprise'
import { inspector } from './inspector'
import { landing } from './landing'
import { phones } from './phones'
import { planning } from './planning'
import { plaques } from './plaques'
import { policy } from './policy'
import { standing } from './standing'
import { supervisor } from './supervisor'
import { verdict } from './verdict'

export const en: Messages = {
  ...common,
  account,
  inspector,
  enterprise,
  supervisor,
  administrator,
  camera,
  door,
  phones,
  plaques,
  landing,
  policy,
  planning,
  standing,
  verdict,
}
