// Whether the server answers. A banner says when it does not; forms keep what was typed.
import { create } from 'zustand'

type Connection = {
  /** Since when it has not answered (ms), or null. */
  goneSince: number | null
  /** How often it came back: with each time, what is shown is asked for anew, once. */
  returns: number
  lost: () => void
  found: () => void
}

export const useConnection = create<Connection>((set, get) => ({
  goneSince: null,
  returns: 0,
  lost: () => get().goneSince === null && set({ goneSince: Date.now() }),
  found: () => get().goneSince !== null && set({ goneSince: null, returns: get().returns + 1 }),
}))

const AWAY = new Set([0, 502, 503, 504])

/** Whether a fault of loading something means that nobody answered: no status at all, or that of a gateway. */
export function isUnanswered(fault: { message: string; status?: number }): boolean {
  return fault.status === undefined ? /fetch|load failed|network/i.test(fault.message) : AWAY.has(fault.status)
}
