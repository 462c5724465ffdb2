import type { ScanMethod } from '../api/types'

/** A text that was read off a code, and how. */
export interface Code {
  text: string
  method: ScanMethod
}
