import { onMounted, onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { asFailure, Unreachable, type Failure } from '../api/problem'
import { session } from '../api/session'
import { findKept, keep } from '../api/store'

export interface Loaded<T> {
  data: ShallowRef<T | null>
  failure: ShallowRef<Failure | null>
  loading: Ref<boolean>
  /** When the data was fetched, if it is an old copy shown for want of a network. */
  keptAt: Ref<number | null>
  reload(): Promise<void>
}

/** Fetches what a page shows. With `keepAs` the last answer is shown when there is no network, with its age. */
export function useLoad<T>(fetchIt: () => Promise<T>, keepAs?: string): Loaded<T> {
  const data = shallowRef<T | null>(null)
  const failure = shallowRef<Failure | null>(null)
  const loading = ref(true)
  const keptAt = ref<number | null>(null)
  const key = keepAs && `${session.me?.id}:${keepAs}`
  let turn = 0
  onScopeDispose(() => (turn = -1))

  async function reload(): Promise<void> {
    const mine = ++turn
    loading.value = true
    try {
      const fresh = await fetchIt()
      if (mine !== turn) return
      data.value = fresh
      failure.value = null
      keptAt.value = null
      if (key) void keep(key, fresh).catch(() => undefined)
    } catch (error) {
      if (mine !== turn) return
      const kept = key && error instanceof Unreachable ? await findKept<T>(key).catch(() => undefined) : undefined
      if (mine !== turn) return
      if (kept) {
        data.value = kept.value
        keptAt.value = kept.at
        failure.value = null
      } else failure.value = asFailure(error)
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  onMounted(reload)
  return { data, failure, loading, keptAt, reload }
}

/** Runs one changing call at a time; a second tap while the first is under way does nothing. */
export function useAction(): {
  busy: Ref<boolean>
  failure: ShallowRef<Failure | null>
  run: (work: () => Promise<void>) => Promise<boolean>
} {
  const busy = ref(false)
  const failure = shallowRef<Failure | null>(null)
  async function run(work: () => Promise<void>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    failure.value = null
    try {
      await work()
      return true
    } catch (error) {
      failure.value = asFailure(error)
      return false
    } finally {
      busy.value = false
    }
  }
  return { busy, failure, run }
}
