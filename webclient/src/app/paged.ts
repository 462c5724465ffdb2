import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { asFailure, type Failure } from '../api/problem'
import type { Listing } from '../api/types'

/** A cursor-paged list that grows by "load more". A reload while a page is under way wins over it. */
export function usePaged<T, L extends Listing<T> = Listing<T>>(fetchPage: (cursor: string | null) => Promise<L>) {
  const items = shallowRef<T[]>([])
  const first = shallowRef<L | null>(null)
  const failure = shallowRef<Failure | null>(null)
  const loading = ref(false)
  const cursor = ref<string | null>(null)
  let turn = 0
  onScopeDispose(() => (turn = -1))

  async function load(from: string | null): Promise<void> {
    const mine = ++turn
    loading.value = true
    failure.value = null
    try {
      const page = await fetchPage(from)
      if (mine !== turn) return
      if (from === null) first.value = page
      items.value = from === null ? page.items : [...items.value, ...page.items]
      cursor.value = page.next_cursor
    } catch (error) {
      if (mine === turn) failure.value = asFailure(error)
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  return {
    items,
    first,
    failure,
    loading,
    hasMore: computed(() => cursor.value !== null),
    reload: () => load(null),
    more: () => (cursor.value === null ? Promise.resolve() : load(cursor.value)),
  }
}
