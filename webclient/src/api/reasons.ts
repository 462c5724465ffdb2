// The closed list of reasons that the server may give for a "no". Loaded with the first one; a Python test compares the
// list with the server's.

export const REASONS = [
  'not_signed_in', 'token_expired', 'bad_credentials', 'locked_out', 'session_revoked', 'password_too_weak', 'not_permitted', 'not_found',
  'method_not_allowed', 'invalid_input', 'idempotency_key_missing', 'id_reused', 'idempotency_key_reused', 'too_large', 'too_many_requests', 'busy', 'internal_error',
  'unlisted_matter', 'too_few_inspectors', 'expired_certificate', 'inspector_of_other_agency', 'overdue_record', 'bad_window', 'matter_missing',
  'service_visit_has_matters', 'unknown_reference',
  'unknown_claim', 'not_authorised', 'too_many_helpers', 'off_site_possible', 'not_drawn', 'not_planned', 'cap_reached', 'too_close_together', 'repeated',
  'result_reusable', 'same_inspector', 'not_rotated', 'mergeable', 'budget_spent', 'quiet_day', 'filed_too_late', 'late_entry', 'blocked',
  'not_joinable', 'already_joined', 'head_must_propose', 'tier_exists', 'quiet_days_spent', 'quiet_day_too_soon', 'plan_exists', 'plan_empty', 'plan_stage',
  'change_needs_reason', 'draw_done', 'draw_pool_too_small', 'bad_pack', 'no_door', 'not_approved_yet', 'penalty_needs_reason', 'no_materials_asked',
  'stale_code', 'used_code', 'bad_phone_key', 'phone_enrolled', 'phones_full', 'owner_only', 'last_owner', 'bad_slip', 'slip_used', 'sms_off', 'bad_sms_code', 'not_an_inspector', 'not_our_visit',
  'enterprise_exists', 'no_phone', 'nobody_came', 'already_seen',
  'block_stands', 'not_liftable', 'own_registration',
  'wrong_stage', 'already_decided', 'not_your_agency', 'reason_missing',
  'unknown_code', 'forged_code', 'revoked_code', 'other_enterprise', 'not_approved', 'outside_window', 'not_on_visit', 'already_scanned',
  'visit_closed', 'bad_clock',
  'withdrawal_too_late', 'not_your_scan', 'already_withdrawn',
  'too_few_scans', 'not_on_site', 'already_recorded', 'checklist_incomplete', 'service_visit_has_findings', 'foreign_answer', 'unknown_evidence', 'finding_missing',
  'not_recorded', 'already_evaluated', 'evaluation_closed', 'enterprise_only',
  'unreadable_image', 'unreadable_photo', 'no_code_in_image', 'unreadable_file', 'unknown_columns', 'glyph_missing', 'plaque_revoked', 'plaque_not_lost',
] as const

export type Reason = (typeof REASONS)[number]

export function isReason(text: unknown): text is Reason {
  return (REASONS as readonly unknown[]).includes(text)
}
