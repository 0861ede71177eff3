// The replay's clock: what time of day is shown, whether it runs, how fast.
import { create } from 'zustand'

export const SPEEDS = [1, 10, 30, 60, 120, 300]

type Clock = {
  /** Seconds after local midnight. */
  time: number
  /** First and last moment. */
  begin: number
  end: number
  playing: boolean
  /** Seconds of the day for each second of the reader. */
  speed: number
  setRange: (begin: number, end: number, time: number | null) => void
  seek: (time: number) => void
  play: (playing: boolean) => void
  setSpeed: (speed: number) => void
  /** Let `seconds` of the reader's time pass. Stops at the end. */
  pass: (seconds: number) => void
}

const within = (time: number, begin: number, end: number) => Math.min(Math.max(time, begin), end)

export const useClock = create<Clock>((set, get) => ({
  time: 0, begin: 0, end: 0, playing: false, speed: 60,
  setRange: (begin, end, time) => set({ begin, end, time: within(time ?? begin, begin, end), playing: false }),
  seek: (time) => set(({ begin, end }) => ({ time: within(time, begin, end) })),
  play: (playing) => set(({ time, begin, end }) => ({ playing, time: playing && time >= end ? begin : time })),
  setSpeed: (speed) => set({ speed }),
  pass: (seconds) => {
    const { time, speed, end } = get()
    const next = time + seconds * speed
    set(next >= end ? { time: end, playing: false } : { time: next })
  },
}))
