// A value that pages show, in rooms that know nothing of how pages are shown: the six plain rooms keep what changes in
// cells, and `app/observe.ts` lets Vue hear of it. Unobserved, a cell is a plain value.

export interface Cell<T> {
  value: T
}

interface Observer {
  read(): void
  changed(): void
}

let observe: (() => Observer) | undefined

/** Whoever shows pages is asked for an observer when a cell is read, once for each cell. */
export function observeWith(make: () => Observer): void {
  observe = make
}

export function cell<T>(now: T): Cell<T> {
  let observer: Observer | undefined
  return {
    get value() {
      observer ??= observe?.()
      observer?.read()
      return now
    },
    set value(next) {
      if (Object.is(now, next)) return
      now = next
      observer?.changed()
    },
  }
}
