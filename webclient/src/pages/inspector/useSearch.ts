import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import { asFailure, type Failure } from '../../api/problem'

const PAUSE_MS = 300

export type Search<T> = ReturnType<typeof useSearch<T>>

/** Search as the person types; an answer overtaken by a later question is dropped. */
export function useSearch<T>(find: (text: string) => Promise<T[]>, emptyToo = false) {
  const text = ref('')
  const found = shallowRef<T[] | null>(null)
  const failure = shallowRef<Failure | null>(null)
  const busy = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let turn = 0

  async function run(): Promise<void> {
    const mine = ++turn
    const wanted = text.value.trim()
    if (!wanted && !emptyToo) {
      found.value = null
      return
    }
    busy.value = true
    failure.value = null
    try {
      const answer = await find(wanted)
      if (mine === turn) found.value = answer
    } catch (error) {
      if (mine === turn) failure.value = asFailure(error)
    } finally {
      if (mine === turn) busy.value = false
    }
  }

  watch(text, () => {
    clearTimeout(timer)
    timer = setTimeout(() => void run(), PAUSE_MS)
  })
  onScopeDispose(() => clearTimeout(timer))
  if (emptyToo) void run()
  return { text, found, failure, busy, run }
}
