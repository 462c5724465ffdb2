import { computed, ref } from 'vue'
import { registerVisit } from '../../api/calls'
import { ApiProblem } from '../../api/problem'
import type { Verdict } from '../../api/types'
import { newId } from '../../api/uuid'
import { useAction } from '../../app/load'
import type { Judgement } from './judgement'
import { missingIn, planOf, type RegistrationForm } from './registration'

/** Sends a registration once it is filled in, and says what stood in its way. */
export function useRegistering(form: RegistrationForm, { claims, needsReason, ask }: Judgement) {
  // One id for this form however often it is sent: a lost answer must not register the visit twice.
  const id = newId()
  const missing = ref<string[]>([])
  const { busy, failure, run } = useAction()
  const listed = <T>(name: string) => {
    const given = failure.value instanceof ApiProblem ? failure.value.extras[name] : undefined
    return Array.isArray(given) ? (given as T[]) : []
  }
  /** The visits whose records are overdue, so that the way out is one tap away. */
  const overdue = computed(() => listed<{ id: string }>('visits').map((one) => one.id))
  /** What the clauses said against it when it was sent. */
  const refused = computed(() => listed<Verdict>('verdicts'))

  /** The visit's id, or null when it was not registered. */
  async function register(): Promise<string | null> {
    missing.value = missingIn(form, claims.value, needsReason.value.length > 0)
    const plan = planOf(form)
    if (missing.value.length || !plan) return null
    let visit: string | null = null
    await run(async () => {
      visit = (await registerVisit({ ...plan, claims: claims.value, id })).id
    })
    // The clauses said no after all: whatever the panel showed is older than their answer.
    if (refused.value.length) await ask()
    return visit
  }

  return { missing, busy, failure, overdue, refused, register }
}
