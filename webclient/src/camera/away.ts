/** Says when the page was out of sight for so long, and when it is back. Returns how to stop. */
export function watchAway(patience: number, changed: (away: boolean) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const look = () => {
    clearTimeout(timer)
    if (document.hidden) timer = setTimeout(() => changed(true), patience)
    else changed(false)
  }
  document.addEventListener('visibilitychange', look)
  return () => {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', look)
  }
}
