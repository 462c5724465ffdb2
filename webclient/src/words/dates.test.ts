import { describe, expect, test } from 'vitest'
import { addDays, dayAndClock, fromLocalField, periods, toLocalField, windowText } from './dates'

describe('dates are Shanghai’s', () => {
  test('a late evening in UTC is the next day', () => {
    expect(dayAndClock('2026-11-24T16:30:00Z')).toBe('2026-11-25 00:30')
  })

  test('a form field and its moment are each other’s inverse', () => {
    expect(fromLocalField('2026-11-25T00:30')).toBe('2026-11-24T16:30:00Z')
    expect(toLocalField('2026-11-24T16:30:00Z')).toBe('2026-11-25T00:30')
  })

  test('a window names its day once', () => {
    expect(windowText('2026-11-24T01:00:00Z', '2026-11-24T03:00:00Z')).toBe('2026-11-24 09:00–11:00')
    expect(windowText('2026-11-24T01:00:00Z', '2026-11-25T03:00:00Z')).toBe('2026-11-24 09:00 – 2026-11-25 11:00')
  })

  test('presets end today or with the year', () => {
    const now = Date.parse('2026-11-24T03:00:00Z')
    expect(periods(now)).toEqual({
      month: { from: '2026-11-01', to: '2026-11-24' },
      quarter: { from: '2026-10-01', to: '2026-11-24' },
      year: { from: '2026-01-01', to: '2026-11-24' },
      last_year: { from: '2025-01-01', to: '2025-12-31' },
    })
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01')
  })
})
