import type { Place } from '../api/types'

/** Where the phone is, or null when it cannot or may not say: a missing position weakens a scan, it never blocks it. */
export function findPlace(patience = 5000): Promise<Place | null> {
  if (!navigator.geolocation) return Promise.resolve(null)
  return new Promise((resolve) => {
    // Some web views never call back at all.
    const timer = setTimeout(() => resolve(null), patience + 500)
    const done = (place: Place | null) => {
      clearTimeout(timer)
      resolve(place)
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => done({ latitude: coords.latitude, longitude: coords.longitude, accuracy_m: Math.round(coords.accuracy) }),
      () => done(null),
      { enableHighAccuracy: true, timeout: patience, maximumAge: 60_000 },
    )
  })
}
