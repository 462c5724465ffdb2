import type { ScanMethod } from '../types'

/** A text that was read off a code, and how. */
export interface Code {
  text: string
  method: ScanMethod
}
