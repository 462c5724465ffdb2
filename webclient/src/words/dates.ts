// The product's clock is Asia/Shanghai wherever the phone believes to be: a visit's day must not move with a traveller.
const ZONE = 'Asia/Shanghai'

function parts(at: string | number | Date): Record<string, string> {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: ZONE,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  return Object.fromEntries(format.formatToParts(new Date(at)).map((part) => [part.type, part.value]))
}

export function dayOf(at: string | number | Date): string {
  const p = parts(at)
  return `${p.year}-${p.month}-${p.day}`
}

export function clockOf(at: string | number | Date): string {
  const p = parts(at)
  return `${p.hour}:${p.minute}`
}

export function dayAndClock(at: string | null | undefined): string {
  return at ? `${dayOf(at)} ${clockOf(at)}` : '—'
}

/** The parts of a window that no line may break: one when it lies within a day, else its two ends. */
export function windowParts(from: string, to: string): string[] {
  return dayOf(from) === dayOf(to) ? [`${dayOf(from)} ${clockOf(from)}–${clockOf(to)}`] : [dayAndClock(from), dayAndClock(to)]
}

/** "2026-11-24 09:00–11:00", or both days when the window crosses midnight. */
export const windowText = (from: string, to: string) => windowParts(from, to).join(' – ')

export const today = (now: number = Date.now()) => dayOf(now)

/** The value of a datetime-local field (Shanghai wall clock) as the moment it names; China keeps no summer time. */
export function fromLocalField(value: string): string {
  return new Date(`${value}:00+08:00`).toISOString().replace('.000Z', 'Z')
}

export function toLocalField(at: string | number | Date): string {
  return `${dayOf(at)}T${clockOf(at)}`
}

export function addDays(day: string, count: number): string {
  return dayOf(Date.parse(`${day}T12:00:00+08:00`) + count * 86_400_000)
}

/** First and last day of the presets that supervisors use. */
export function periods(now: number = Date.now()): Record<'month' | 'quarter' | 'year' | 'last_year', { from: string; to: string }> {
  const to = today(now)
  const [year, month] = [Number(to.slice(0, 4)), Number(to.slice(5, 7))]
  const first = (m: number) => `${year}-${String(m).padStart(2, '0')}-01`
  return {
    month: { from: first(month), to },
    quarter: { from: first(month - ((month - 1) % 3)), to },
    year: { from: first(1), to },
    last_year: { from: `${year - 1}-01-01`, to: `${year - 1}-12-31` },
  }
}
