import { onScopeDispose, reactive, ref, shallowRef, watch } from 'vue'
import type { Visit } from '../api/types'
import { clockOf } from '../words/dates'
import { dropDraft, findDraft, keepDraft, type Draft } from '../outbox/draft'

// So that typing does not write once per letter.
const PAUSE_MS = 250

/** A record while it is being filled in: kept shortly after each change, and at once when the page goes out of sight. */
export function useDraft(visitId: string) {
  const draft = shallowRef<Draft | null>(null)
  const savedAt = ref<string | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined
  let over = false

  /** Takes up what was kept of this visit, or begins anew. */
  async function open(visit: Visit): Promise<void> {
    draft.value = reactive(await findDraft(visit))
  }
  watch(
    () => draft.value,
    (_, before) => {
      // Taking it up is no change.
      if (!before) return
      clearTimeout(timer)
      timer = setTimeout(() => void save(), PAUSE_MS)
    },
    { deep: true },
  )

  async function save(): Promise<void> {
    clearTimeout(timer)
    if (!draft.value || over) return
    await keepDraft(visitId, draft.value)
    savedAt.value = clockOf(Date.now())
  }

  /** The server has the record: nothing is kept any more, whatever is still typed. */
  async function finish(): Promise<void> {
    over = true
    clearTimeout(timer)
    await dropDraft(visitId)
  }

  const saveOnHide = () => void (document.hidden && save())
  document.addEventListener('visibilitychange', saveOnHide)
  onScopeDispose(() => {
    document.removeEventListener('visibilitychange', saveOnHide)
    void save()
  })

  return { draft, savedAt, open, save, finish }
}
