// What the replay tells the page about itself: a few times a second, not with every picture.
import { create } from 'zustand'
import type { SideName } from './useReplaySources'

type Playback = { vehicles: Partial<Record<SideName, number>>; loading: boolean; failed: unknown }

export const usePlayback = create<Playback>(() => ({ vehicles: {}, loading: true, failed: null }))

const same = (one: Playback['vehicles'], other: Playback['vehicles']) =>
  one.baseline === other.baseline && one.plan === other.plan

/** Tell it; nothing is drawn anew for what is as it was. */
export function tell(now: Playback): void {
  const before = usePlayback.getState()
  if (before.loading !== now.loading || before.failed !== now.failed || !same(before.vehicles, now.vehicles)) usePlayback.setState(now)
}
