// The loop of the replay: the clock moves, the vehicles follow, the address bar keeps the time now and then.
import type { Layer } from '@deck.gl/core'
import { useEffect, useMemo, useRef } from 'react'
import { useMapStore } from '../map/mapStore'
import { useAddress } from '../state/address'
import { Chunks } from './chunks'
import { useClock } from './clock'
import { tell } from './playback'
import type { ReplaySource, SideName } from './useReplaySources'
import { Vehicles } from './vehicleLayer'

const ADDRESS_EVERY_MS = 1000
const TELL_EVERY_MS = 250

/** One source's vehicles: on which map, and in one colour or by their speed (null). */
export type Shown = { side: SideName; on: 'main' | 'linked'; colour: [number, number, number] | null }

declare global {
  /** Pictures and what the replay's own loop took for each (ms); kept only when the address asks for it (`measure=1`). */
  var __cimReplay: { frames: number; scriptMs: number[] } | undefined
}

type Playing = { chunks: Chunks; vehicles: Vehicles; shown: Shown }[]

/** Play the vehicles that are to be shown; their layers go to the maps. Returns how to ask again after a failure. */
export function useVehicles(sources: ReplaySource[], shown: Shown[]): () => void {
  const playing = useMemo(
    () =>
      shown.flatMap((one): Playing => {
        const recorded = sources.find((source) => source.side === one.side)?.trajectories
        if (!recorded) return []
        const chunks = new Chunks(recorded)
        return [{ chunks, vehicles: new Vehicles(`vehicles-${one.side}`, recorded, chunks, one.colour), shown: one }]
      }),
    [sources, shown],
  )
  const current = useRef(playing)
  current.current = playing
  useEffect(() => {
    playing.forEach((one) => one.chunks.open())
    return () => playing.forEach((one) => one.chunks.close())
  }, [playing])
  useLoop(current)
  return () => current.current.forEach((one) => one.chunks.retry())
}

function useLoop(current: React.RefObject<Playing>): void {
  useEffect(() => {
    let request = 0
    let before = performance.now()
    const due = { address: 0, tell: 0 }
    const measured = startMeasuring()
    const draw = drawer()
    const step = (now: number) => {
      const began = performance.now()
      const clock = useClock.getState()
      if (clock.playing && current.current.every((one) => one.vehicles.ready(clock.time))) clock.pass(Math.min(now - before, 250) / 1000)
      before = now
      draw(current.current)
      if (now > due.tell) {
        due.tell = now + TELL_EVERY_MS
        report(current.current)
      }
      if (now > due.address) {
        due.address = now + ADDRESS_EVERY_MS
        keepTime()
      }
      measured?.scriptMs.push(performance.now() - began)
      if (measured) measured.frames++
      request = requestAnimationFrame(step)
    }
    request = requestAnimationFrame(step)
    return () => {
      cancelAnimationFrame(request)
      show([])
    }
  }, [current])
}

function startMeasuring(): typeof globalThis.__cimReplay {
  const asked = new URLSearchParams(location.search).has('measure')
  globalThis.__cimReplay = asked ? { frames: 0, scriptMs: [] } : undefined
  return globalThis.__cimReplay
}

function keepTime(): void {
  const time = Math.round(useClock.getState().time)
  if (useAddress.getState().time !== time) useAddress.getState().go({ time })
}

function report(playing: Playing): void {
  const { time } = useClock.getState()
  const failed = playing.map((one) => one.chunks.failed).find((fault) => fault !== null) ?? null
  tell({
    vehicles: Object.fromEntries(playing.map((one) => [one.shown.side, one.vehicles.count])),
    loading: failed === null && playing.some((one) => !one.vehicles.ready(time)),
    failed,
  })
}

/** Draws what has changed since it was called last. */
function drawer(): (playing: Playing) => void {
  let last: { playing: Playing; key: string } | null = null
  return (playing) => {
    const { map } = useMapStore.getState()
    if (!map) return
    const { time } = useClock.getState()
    const zoom = map.getZoom()
    const exaggeration = map.getTerrain()?.exaggeration ?? 0
    const key = `${time} ${zoom} ${exaggeration} ${playing.map((one) => one.vehicles.ready(time)).join()}`
    if (last?.playing === playing && last.key === key) return
    last = { playing, key }
    show(playing.map((one) => ({ on: one.shown.on, layer: one.vehicles.layer(time, zoom, exaggeration) })))
  }
}

function show(drawn: { on: Shown['on']; layer: Layer | null }[]): void {
  const of = (on: Shown['on']) => drawn.flatMap((one) => (one.on === on && one.layer ? [one.layer] : []))
  useMapStore.setState((store) => ({ deck: { ...store.deck, vehicles: of('main') }, linkedDeck: of('linked') }))
}
