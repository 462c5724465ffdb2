import type { account } from './account'
import type { administrator } from './administrator'
import type { camera } from './camera'
import { common } from './common'
import type { door } from './door'
import type { enterprise } from './enterprise'
import type { inspector } from './inspector'
import type { landing } from './landing'
import type { law } from './law'
import type { phones } from './phones'
import type { plaques } from './plaques'
import type { rules } from './rules'
import type { supervisor } from './supervisor'

/** All words there are. At run time a page brings the areas it speaks of: nobody loads another audience's words. */
export type Zh = typeof common & {
  account: typeof account
  inspector: typeof inspector
  enterprise: typeof enterprise
  supervisor: typeof supervisor
  administrator: typeof administrator
  camera: typeof camera
  door: typeof door
  phones: typeof phones
  plaques: typeof plaques
  landing: typeof landing
  law: typeof law
  rules: typeof rules
}

export type Area = 'account' | 'inspector' | 'enterprise' | 'supervisor' | 'administrator' | 'camera' | 'door' | 'phones' | 'plaques' | 'landing' | 'law' | 'rules'

export const words: Partial<Zh> = { ...common }

const LOADERS: { [A in Area]: () => Promise<Pick<Zh, A>> } = {
  account: () => import('./account'),
  inspector: () => import('./inspector'),
  enterprise: () => import('./enterprise'),
  supervisor: () => import('./supervisor'),
  administrator: () => import('./administrator'),
  camera: () => import('./camera'),
  door: () => import('./door'),
  phones: () => import('./phones'),
  plaques: () => import('./plaques'),
  landing: () => import('./landing'),
  law: () => import('./law'),
  rules: () => import('./rules'),
}

export async function loadArea(area: Area): Promise<void> {
  if (!words[area]) Object.assign(words, await LOADERS[area]())
}
