import type { Stage } from '../api/types'
import { dayAndClock, windowText } from './dates'
import { STAGES } from './enums'
import { joined, t } from './i18n'

type Extras = Record<string, unknown>

const NOTICED_S = 5

const text = (value: unknown) => (typeof value === 'string' ? value : '')

/** What a problem carries besides its reason, as lines a person can use: who was first, which window, what is missing. */
export function extraLines(extras: Extras): string[] {
  const lines: string[] = []
  const first = extras.first as { by?: string; scanned_at?: string } | undefined
  if (first?.by) lines.push(t('extra.first', { by: first.by, at: dayAndClock(first.scanned_at) }))
  if (extras.window_from_at) lines.push(t('extra.windowIs', { window: windowText(text(extras.window_from_at), text(extras.window_to_at)) }))
  const scanned = extras.scanned_enterprise as string | { name?: string } | undefined
  if (scanned) lines.push(t('extra.scannedIs', { name: typeof scanned === 'string' ? scanned : (scanned.name ?? '') }))
  if (extras.revoked_at) lines.push(t('extra.revokedOn', { at: dayAndClock(text(extras.revoked_at)) }))
  if (extras.revoked_reason) lines.push(t('extra.revokedFor', { why: text(extras.revoked_reason) }))
  if (isStage(extras.stage)) lines.push(t('extra.stageIs', { stage: t(`stage.${extras.stage}`) }))
  if (typeof extras.scanned === 'number') lines.push(t('extra.count', { n: extras.scanned, m: Number(extras.needed) }))
  // A busy server answers in a moment; only a wait that a person would notice is said.
  if (typeof extras.retry_after === 'number' && extras.retry_after > NOTICED_S)
    lines.push(
      extras.retry_after < 60
        ? t('extra.retryAfterSeconds', { n: Math.ceil(extras.retry_after) })
        : t('extra.retryAfter', { n: Math.ceil(extras.retry_after / 60) }),
    )
  if (isNames(extras.inspectors)) lines.push(joined(extras.inspectors))
  if (Array.isArray(extras.visits))
    lines.push(joined((extras.visits as { enterprise?: unknown }[]).map((visit) => nameOf(visit.enterprise))))
  if (isNames(extras.glyphs)) lines.push(t('extra.glyphs', { glyphs: joined(extras.glyphs) }))
  // The same word names unanswered checklist keys elsewhere, and those mean nothing to a reader.
  if (extras.reason === 'unknown_columns' && isNames(extras.missing)) lines.push(t('extra.missing', { names: joined(extras.missing) }))
  return lines
}

function nameOf(enterprise: unknown): string {
  return typeof enterprise === 'string' ? enterprise : text((enterprise as { name?: unknown } | undefined)?.name)
}

function isStage(value: unknown): value is Stage {
  return (STAGES as readonly unknown[]).includes(value)
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string')
}
