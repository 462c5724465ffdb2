import type { account } from './account'
import type { administrator } from './administrator'
import type { camera } from './camera'
import { common } from './common'
import type { door } from './door'
import type { enterprise } from './enterprise'
import type { inspector } from './inspector'
import type { landing } from './landing'
import type { phones } from './phones'
import type { planning } from './planning'
import type { plaques } from './plaques'
import type { policy } from './policy'
import type { standing } from './standing'
import type { supervisor } from './supervisor'
import type { verdict } from './verdict'

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
  policy: typeof policy
  planning: typeof planning
  standing: typeof standing
  verdict: typeof verdict
}

/** Words that a page may bring, beside the common ones. */
export type Area = keyof Omit<Zh, keyof typeof common>

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
  policy: () => import('./policy'),
  planning: () => import('./planning'),
  standing: () => import('./standing'),
  verdict: () => import('./verdict'),
}

export async function loadArea(area: Area): Promise<void> {
  if (!words[area]) Object.assign(words, await LOADERS[area]())
}
