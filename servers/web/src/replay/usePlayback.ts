// The loop of the replay: the clock moves, the vehicles follow, the address bar keeps the time now and then.
import { useEffect, useMemo, useRef, useState } from 'react'
import { useMapStore } from '../map/mapStore'
import { useAddress } from '../state/address'
import { Chunks } from './chunks'
import { useClock } from './clock'
import type { ReplaySource, SideName } from './useReplaySources'
import { Vehicles } from './vehicleLayer'

export type Shown = SideName | 'both'
/** Colours of the two sides when both are shown. */
export const SIDE_COLOURS: Record<SideName, [number, number, number]> = { baseline: [33, 102, 172], plan: [214, 96, 20] }
const ADDRESS_EVERY_MS = 1000

export type Playback = { vehicles: Record<string, number>; loading: boolean; failed: unknown; retry: () => void; buffered: number[] }

declare global {
  /** Measurements of the replay, kept only when the address asks for them (`measure=1`). */
  var __cimReplay: { frames: number; scriptMs: number[] } | undefined
}

/** Play the vehicles of the sources that are shown; the layers go to the map. */
export function usePlayback(sources: ReplaySource[], shown: Shown): Playback {
  const [, redraw] = useState(0)
  const playing = useMemo(() => {
    const sides = sources.filter((source) => source.trajectories && (shown === 'both' || source.side === shown || sources.length === 1))
    return sides.map((source) => {
      const chunks = new Chunks(source.trajectories!, () => redraw((count) => count + 1))
      const colour = shown === 'both' ? SIDE_COLOURS[source.side] : null
      return { source, chunks, vehicles: new Vehicles(`vehicles-${source.side}`, source.trajectories!, chunks, colour) }
    })
  }, [sources, shown])
  const current = useRef(playing)
  current.current = playing
  useEffect(() => () => playing.forEach((one) => one.chunks.close()), [playing])
  useLoop(current)
  const time = useClock((clock) => clock.time)
  const failed = playing.map((one) => one.chunks.failed).find((fault) => fault !== null) ?? null
  return {
    vehicles: Object.fromEntries(playing.map((one) => [one.source.side, one.vehicles.count])),
    loading: failed === null && playing.some((one) => !one.vehicles.ready(time)),
    failed,
    retry: () => playing.forEach((one) => one.chunks.retry()),
    buffered: playing[0]?.chunks.present ?? [],
  }
}

type Playing = { source: ReplaySource; chunks: Chunks; vehicles: Vehicles }[]

function useLoop(current: React.RefObject<Playing>): void {
  useEffect(() => {
    let request = 0
    let before = performance.now()
    let written = 0
    const asked = new URLSearchParams(location.search).has('measure')
    const measured: typeof globalThis.__cimReplay = asked ? { frames: 0, scriptMs: [] } : undefined
    globalThis.__cimReplay = measured
    const step = (now: number) => {
      const began = performance.now()
      const clock = useClock.getState()
      const ready = current.current.every((one) => one.vehicles.ready(clock.time))
      if (clock.playing && ready) clock.pass(Math.min(now - before, 250) / 1000)
      before = now
      draw(current.current)
      if (now - written > ADDRESS_EVERY_MS && useAddress.getState().time !== Math.round(clock.time)) {
        written = now
        useAddress.getState().go({ time: Math.round(clock.time) })
      }
      if (measured) {
        measured.frames++
        measured.scriptMs.push(performance.now() - began)
      }
      request = requestAnimationFrame(step)
    }
    request = requestAnimationFrame(step)
    return () => {
      cancelAnimationFrame(request)
      show([])
    }
  }, [current])
}

const drawn = { key: '' }

function draw(playing: Playing): void {
  const map = useMapStore.getState().map
  if (!map) return
  const { time } = useClock.getState()
  const zoom = map.getZoom()
  const exaggeration = useAddress.getState().terrain ? (map.getTerrain()?.exaggeration ?? 0) : 0
  const key = `${time} ${zoom} ${exaggeration} ${playing.map((one) => `${one.source.run}${one.vehicles.ready(time)}`).join()}`
  if (key === drawn.key) return // nothing moved
  drawn.key = key
  show(playing.map((one) => one.vehicles.layer(time, zoom, exaggeration)).filter((layer) => layer !== null))
}

function show(layers: NonNullable<ReturnType<Vehicles['layer']>>[]): void {
  useMapStore.setState((store) => ({ deck: { ...store.deck, vehicles: layers } }))
}
