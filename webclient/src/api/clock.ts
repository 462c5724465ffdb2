const STORED = 'ruqi.clock'
const WORTH_KEEPING_MS = 1000
const QUICK_MS = 4000

/** How far this phone's clock is off the server's, as of the last quick contact; kept, for codes made without a network. */
export const clock = () => ({ offset: Number(localStorage.getItem(STORED)) || 0 })

/** The server's own clock stands above every answer, in whole seconds; a slow answer would only blur it. */
export function noteServerTime(date: string | null, sentAt: number, receivedAt: number): void {
  const told = date ? Date.parse(date) : NaN
  if (Number.isNaN(told) || receivedAt - sentAt > QUICK_MS) return
  const offset = Math.round(told + 500 - (sentAt + receivedAt) / 2)
  if (Math.abs(offset - clock().offset) > WORTH_KEEPING_MS) localStorage.setItem(STORED, String(offset))
}
