// The browser's storage for what is nice to keep: switched off or full, things last as long as the page.
import type { StateStorage } from 'zustand/middleware'

/** What storage answers; `otherwise` where it refuses. */
export function attempt<T>(action: () => T, otherwise: T): T {
  try {
    return action()
  } catch {
    return otherwise
  }
}

export const guardedStorage: StateStorage = {
  getItem: (name) => attempt(() => localStorage.getItem(name), null),
  setItem: (name, text) => attempt(() => localStorage.setItem(name, text), undefined),
  removeItem: (name) => attempt(() => localStorage.removeItem(name), undefined),
}
