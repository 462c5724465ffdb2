import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { previewVisit } from '../../api/calls.verdict'
import { asFailure, Unreachable, type Failure } from '../../api/problem'
import type { Preview, Verdict } from '../../api/types'
import { t } from '../../words/i18n'
import { reasonSays } from '../../words/refusals'
import { claimsOf, planOf, type RegistrationForm } from './registration'

const PAUSE_MS = 400

export type Standing = 'unfinished' | 'ok' | 'warn' | 'claimed' | 'block'
export type Judgement = ReturnType<typeof useJudgement>

/** Asks the rules about a half-filled registration whenever it changes; an answer overtaken by a later question is dropped. */
export function useJudgement(form: RegistrationForm) {
  const preview = shallowRef<Preview | null>(null)
  const failure = shallowRef<Failure | null>(null)
  const checking = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let turn = 0

  // Neither the explanation nor a claim changes what a clause says.
  const question = computed(() => {
    const plan = planOf(form)
    return plan && JSON.stringify({ ...plan, reason: '', asked_for: '' })
  })

  async function ask(): Promise<void> {
    clearTimeout(timer)
    const mine = ++turn
    if (!question.value) {
      preview.value = failure.value = null
      checking.value = false
      return
    }
    checking.value = true
    try {
      const answer = await previewVisit(JSON.parse(question.value) as Parameters<typeof previewVisit>[0])
      if (mine !== turn) return
      preview.value = answer
      failure.value = null
    } catch (error) {
      if (mine !== turn) return
      // What was said of another plan is no answer to this one.
      preview.value = null
      failure.value = asFailure(error)
    } finally {
      if (mine === turn) checking.value = false
    }
  }

  watch(question, () => {
    turn++
    clearTimeout(timer)
    checking.value = question.value !== null
    timer = setTimeout(() => void ask(), PAUSE_MS)
  })
  const again = () => void (failure.value && ask())
  addEventListener('online', again)
  onScopeDispose(() => {
    removeEventListener('online', again)
    clearTimeout(timer)
    turn = -1
  })

  const of = (outcome: Verdict['outcome']) => computed(() => preview.value?.verdicts.filter((one) => one.outcome === outcome) ?? [])
  const [blocks, warnings, noted, passed] = [of('block'), of('warn'), of('record'), of('pass')]
  const claims = computed(() =>
    claimsOf(
      form,
      blocks.value.map((one) => one.clause),
    ),
  )
  const unclaimed = computed(() => blocks.value.filter((one) => !claims.value.some((claim) => claim.clause === one.clause)))

  const standing = computed<Standing | null>(() => {
    if (!preview.value) return null
    if (preview.value.shape) return preview.value.shape === 'matter_missing' ? 'unfinished' : 'block'
    if (unclaimed.value.length) return 'block'
    if (blocks.value.length) return 'claimed'
    return warnings.value.length ? 'warn' : 'ok'
  })
  /** Why the explanation may not stay empty: what warns, and what an exception is claimed against. */
  const needsReason = computed(() => [...warnings.value, ...blocks.value.filter((one) => !unclaimed.value.includes(one))])
  const hint = computed(() => {
    if (!standing.value) return ''
    if (preview.value?.shape) return reasonSays(preview.value.shape)
    const n = { unfinished: 0, ok: 0, warn: warnings.value.length, claimed: blocks.value.length, block: unclaimed.value.length }[
      standing.value
    ]
    return t(`verdict.preview.${standing.value === 'unfinished' ? 'ok' : standing.value}Hint`, { n })
  })

  return {
    preview,
    failure,
    checking,
    blocks,
    warnings,
    noted,
    passed,
    claims,
    unclaimed,
    standing,
    needsReason,
    hint,
    ask,
    offline: computed(() => failure.value instanceof Unreachable),
  }
}
