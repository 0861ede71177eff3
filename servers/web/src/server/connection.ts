// Whether the server answers. A banner says when it does not; forms keep what was typed.
import { create } from 'zustand'

type Connection = {
  /** When it was last heard of (ms), or null before the first answer. */
  heard: number | null
  /** Since when it has not answered (ms), or null. */
  goneSince: number | null
  lost: () => void
  found: () => void
}

export const useConnection = create<Connection>((set, get) => ({
  heard: null,
  goneSince: null,
  lost: () => get().goneSince === null && set({ goneSince: Date.now() }),
  found: () => set({ heard: Date.now(), goneSince: null }),
}))
