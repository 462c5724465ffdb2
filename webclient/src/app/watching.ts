import { onMounted, onScopeDispose } from 'vue'

/** Asks again and again while somebody looks; the next question waits for the answer, and silence is no failure. */
export function useWatch(ask: () => Promise<void>, everyMs = 2000): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let gone = false
  async function turn(): Promise<void> {
    if (!document.hidden && navigator.onLine) await ask().catch(() => undefined)
    if (!gone) timer = setTimeout(() => void turn(), everyMs)
  }
  onMounted(turn)
  onScopeDispose(() => {
    gone = true
    clearTimeout(timer)
  })
}
