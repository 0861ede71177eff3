// The loop of the replay: the clock moves, the vehicles follow, the address bar keeps the time now and then.
import { useEffect, useMemo, useRef } from 'react'
import { useMapStore, type MapName } from '../map/mapStore'
import { useAddress } from '../state/address'
import { Chunks } from './chunks'
import { useClock } from './clock'
import { tell } from './playback'
import type { ReplaySource, SideName } from './useReplaySources'
import { Vehicles } from './vehicleLayer'

/** The address bar follows at once where one stops, and seldom while it plays: it costs as much as a picture. */
const ADDRESS_EVERY_MS = { playing: 5000, standing: 500 }
const TELL_EVERY_MS = 250

/** One source's vehicles: on which map, and in one colour or by their speed (null). */
export type Shown = { side: SideName; on: MapName; colour: [number, number, number] | null }

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
    const layers = (on: MapName) => playing.filter((one) => one.shown.on === on).map((one) => one.vehicles.layer)
    playing.forEach((one) => one.chunks.open())
    useMapStore.setState({ custom: { main: layers('main'), linked: layers('linked') } })
    return () => {
      playing.forEach((one) => one.chunks.close())
      useMapStore.setState({ custom: { main: [], linked: [] } })
    }
  }, [playing])
  useLoop(current)
  return () => current.current.forEach((one) => one.chunks.retry())
}

function useLoop(current: React.RefObject<Playing>): void {
  useEffect(() => {
    let request = 0
    let before = performance.now()
    const last = { kept: 0, told: 0 }
    const measured = startMeasuring()
    const draw = drawer()
    const step = (now: number) => {
      const began = performance.now()
      const clock = useClock.getState()
      if (clock.playing && current.current.every((one) => one.vehicles.ready(clock.time))) clock.pass(Math.min(now - before, 250) / 1000)
      before = now
      draw(current.current)
      if (now > last.told + TELL_EVERY_MS) {
        last.told = now
        report(current.current)
      }
      if (now > last.kept + ADDRESS_EVERY_MS[clock.playing ? 'playing' : 'standing']) {
        last.kept = now
        keepTime()
      }
      measured?.scriptMs.push(performance.now() - began)
      if (measured) measured.frames++
      request = requestAnimationFrame(step)
    }
    request = requestAnimationFrame(step)
    return () => cancelAnimationFrame(request)
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
    playing.forEach((one) => one.vehicles.moveTo(time, zoom, exaggeration))
  }
}
