import { afterEach, describe, expect, test, vi } from 'vitest'
import { Chunks } from '../src/replay/chunks'
import { decide } from '../src/replay/useShown'
import { useClock } from '../src/replay/clock'
import { paint, speedColour } from '../src/replay/colours'
import { chooseCurve, pathOf, pointsOf } from '../src/replay/curve'
import { frameOf, readChunk } from '../src/replay/frames'
import { MercatorCoordinate } from 'maplibre-gl'
import { Headings, motionBetween } from '../src/replay/motion'
import { matrixAt } from '../src/replay/strokeLayer'
import type { Declaration, TableDocument, Trajectories } from '../src/server/documents'

type Sample = { vehicle: number; x: number; y: number; z?: number }

/** Bytes of a chunk, by the description of the format: an encoder of its own, not the decoder turned round. */
function bytesOf(frames: Sample[][], firstFrame = 0, scale = [1e-6, 1e-6]): ArrayBuffer {
  const samples = frames.flat()
  const buffer = new ArrayBuffer(72 + 4 * (frames.length + 1) + 10 * samples.length)
  const view = new DataView(buffer)
  ;[...'CIMF'].forEach((letter, place) => view.setUint8(place, letter.charCodeAt(0)))
  view.setUint32(4, 1, true)
  view.setUint32(8, frames.length, true)
  view.setUint32(12, firstFrame, true)
  const doubles = [25200, 5, 106.5, 29.5, ...scale]
  doubles.forEach((value, place) => view.setFloat64(16 + 8 * place, value, true))
  view.setFloat32(64, 0.1, true)
  let count = 0
  frames.forEach((frame, place) => view.setUint32(72 + 4 * place, (count += frame.length) - frame.length, true))
  view.setUint32(72 + 4 * frames.length, count, true)
  const start = 72 + 4 * (frames.length + 1)
  samples.forEach((sample, row) => {
    view.setUint32(start + 4 * row, sample.vehicle, true)
    view.setUint16(start + 4 * count + 2 * row, sample.x, true)
    view.setUint16(start + 6 * count + 2 * row, sample.y, true)
    view.setInt16(start + 8 * count + 2 * row, sample.z ?? 0, true)
  })
  return buffer
}

const TWO = [
  [{ vehicle: 1, x: 0, y: 0, z: 2000 }, { vehicle: 4, x: 100, y: 100 }],
  [{ vehicle: 1, x: 400, y: 0, z: 2100 }, { vehicle: 3, x: 7, y: 7 }, { vehicle: 4, x: 100, y: 100 }],
]

function motionOf(frames: Sample[][], scale?: number[]) {
  const chunk = readChunk(bytesOf(frames, 0, scale))
  return motionBetween(frameOf(chunk, 0)!, frameOf(chunk, 1), new Headings())
}

describe('frames', () => {
  test('every sample is where the bytes say', () => {
    const chunk = readChunk(bytesOf(TWO, 60))
    expect(chunk).toMatchObject({ frames: 2, firstFrame: 60, beginS: 25200, periodS: 5, origin: [106.5, 29.5] })
    const frame = frameOf(chunk, 61)!
    expect([...chunk.vehicle.subarray(frame.from, frame.to)]).toEqual([1, 3, 4])
    expect(chunk.z[0] * chunk.zScale).toBeCloseTo(200, 3)
    expect(frameOf(chunk, 59)).toBeNull()
    expect(frameOf(chunk, 62)).toBeNull()
  })
  test('other bytes and cut bytes are refused', () => {
    expect(() => readChunk(new ArrayBuffer(100))).toThrow('no frames of version 1')
    expect(() => readChunk(bytesOf(TWO).slice(0, 100))).toThrow(RangeError)
  })
})

describe('motion', () => {
  test('a vehicle moves evenly between its frames, with its heading and speed', () => {
    const motion = motionOf(TWO)
    const metres = 400e-6 * 111_195 * Math.cos((29.5 * Math.PI) / 180)
    expect(motion.speedMps[0]).toBeCloseTo(metres / 5, 2)
    expect([motion.heading[0], motion.heading[1]]).toEqual([1, 0])
    expect([motion.from[0], motion.to[0]].map((east) => Math.round(east * 100))).toEqual([0, Math.round(metres * 100)])
    expect([motion.from[2], motion.to[2]].map(Math.round)).toEqual([200, 210])
  })
  test('a vehicle is drawn where the map has its longitude and latitude, within a decimetre anywhere in a city', () => {
    const scale = 2 ** 22
    const world = [scale, 0, 0, 0, 0, scale, 0, 0, 0, 0, scale, 0, -scale * 0.796, -scale * 0.414, 0, 1]
    const matrix = matrixAt([106.5, 29.5], world)
    const metre = MercatorCoordinate.fromLngLat([106.5, 29.5]).meterInMercatorCoordinateUnits() * scale
    for (const sample of [{ x: 0, y: 0 }, { x: 65_535, y: 65_535 }, { x: 65_535, y: 100 }]) {
      const { from } = motionOf([[{ vehicle: 1, z: 3000, ...sample }], []], [3e-6, 3e-6])
      const there = MercatorCoordinate.fromLngLat([106.5 + sample.x * 3e-6, 29.5 + sample.y * 3e-6], 300)
      const drawn = [0, 1, 2].map((row) => matrix[row] * from[0] + matrix[4 + row] * from[1] + matrix[8 + row] * from[2] + matrix[12 + row])
      const due = [(there.x - 0.796) * scale, (there.y - 0.414) * scale, 300 * metre]
      drawn.forEach((value, row) => expect(Math.abs(value - due[row]) / metre).toBeLessThan(0.1))
    }
  })
  test('who is in the first frame alone stays where it is; who comes later is not drawn yet', () => {
    const motion = motionOf([[{ vehicle: 2, x: 50, y: 60 }], [{ vehicle: 9, x: 1, y: 1 }]])
    expect(motion.count).toBe(1)
    expect([...motion.to]).toEqual([...motion.from])
    expect(motion.speedMps[0]).toBe(0)
  })
  test('a standing vehicle keeps the heading it came with', () => {
    const chunk = readChunk(bytesOf([TWO[0], TWO[1], TWO[1]]))
    const headings = new Headings()
    motionBetween(frameOf(chunk, 0)!, frameOf(chunk, 1), headings)
    const standing = motionBetween(frameOf(chunk, 1)!, frameOf(chunk, 2), headings)
    expect([standing.speedMps[0], standing.heading[0], standing.heading[1]]).toEqual([0, 1, 0])
  })
})

describe('colours', () => {
  test('go from standing to free and stay within the scale', () => {
    expect(speedColour(0)).toEqual([166, 54, 3])
    expect(speedColour(100)).toEqual([33, 102, 172])
    const colours = paint(motionOf(TWO), null)
    expect(colours).toHaveLength(8)
    expect(colours[3]).toBe(255)
    expect([...paint(motionOf(TWO), [1, 2, 3]).subarray(4, 7)]).toEqual([1, 2, 3])
  })
})

describe('clock', () => {
  test('passes time at its speed, stops at the end, begins anew when played there', () => {
    const clock = () => useClock.getState()
    clock().setRange(100, 200, 150)
    clock().setSpeed(10)
    clock().play(true)
    clock().pass(2)
    expect(clock().time).toBe(170)
    clock().pass(60)
    expect([clock().time, clock().playing]).toEqual([200, false])
    clock().play(true)
    expect([clock().time, clock().playing]).toEqual([100, true])
    clock().seek(1e9)
    expect(clock().time).toBe(200)
  })
})

describe('curve', () => {
  const column = (unit: string) => ({ title: { en: '', zh: '' }, unit, better: 'neither' as const, compare: false, tolerance: 0 })
  const declaration = {
    figures: {}, layers: {},
    tables: {
      places: { title: { en: '', zh: '' }, pair_by: null, columns: { id: column(''), n: column('vehicles') } },
      minutes: { title: { en: '', zh: '' }, pair_by: null, columns: { t: column('s'), v: column('m/s'), n: column('vehicles') } },
    },
  } as Declaration
  test('is the table that counts over the time of day', () => {
    expect(chooseCurve(declaration)).toEqual({ table: 'minutes', time: 't', value: 'n' })
    expect(chooseCurve(undefined)).toBeNull()
  })
  test('leaves out what is no number and stays in its box', () => {
    const table = { columns: [], rows: 3, data: { t: [0, 60, 120], n: [0, null, 10] } } as TableDocument
    const points = pointsOf({ ...table, data: { t: [0, 60, 120], n: [0, 'x', 10] } }, { table: '', time: 't', value: 'n' })
    expect(points).toEqual([{ time: 0, value: 0 }, { time: 120, value: 10 }])
    expect(pathOf(points, [0, 120], 10, 100, 40, false)).toBe('M0.0,40.0L100.0,0.0')
    expect(pathOf(points, [0, 120], 10, 100, 40, true)).toMatch(/Z$/)
    expect(pathOf([], [0, 120], 10, 100, 40, false)).toBe('')
  })
})

describe('chunks', () => {
  afterEach(() => vi.unstubAllGlobals())
  const source: Trajectories = { chunks: 3, begin_s: 0, period_s: 5, frames: 6, chunk_frames: 2, vehicles: 5, href: '/frames', chunk_href: '/frames/{chunk}' }

  test('are fetched once each, ahead, and a failure waits for a retry', async () => {
    const asked: string[] = []
    let broken = false
    vi.stubGlobal('fetch', async (path: string) => {
      asked.push(path)
      if (broken) throw new TypeError('gone')
      return new Response(bytesOf(TWO, 2 * Number(path.at(-1))))
    })
    const chunks = new Chunks(source)
    expect(chunks.frame(0)).toBeNull()
    chunks.prepare(0)
    chunks.prepare(0)
    await vi.waitFor(() => expect(chunks.frame(3)).not.toBeNull())
    expect(asked).toEqual(['/frames/0', '/frames/1'])
    expect(chunks.frame(6)).toBeNull()
    broken = true
    chunks.frame(4)
    await vi.waitFor(() => expect(chunks.failed).not.toBeNull())
    chunks.frame(4)
    expect(asked).toHaveLength(3)
    broken = false
    chunks.retry()
    chunks.frame(4)
    await vi.waitFor(() => expect(chunks.frame(4)).not.toBeNull())
  })
})

describe('whose vehicles are shown', () => {
  const colours = { baseline: [1, 1, 1], plan: [2, 2, 2] } as Record<'baseline' | 'plan', [number, number, number]>
  test('a run has no choice; two maps show a side each; a difference map shows sides in their own colours', () => {
    expect(decide(false, 'difference', 'both', colours)).toEqual({ shown: [{ side: 'plan', on: 'main', colour: null }], choice: null })
    expect(decide(true, 'swipe', '', colours).shown.map((one) => [one.side, one.on])).toEqual([['baseline', 'linked'], ['plan', 'main']])
    expect(decide(true, 'baseline', '', colours)).toEqual({ shown: [{ side: 'baseline', on: 'main', colour: null }], choice: 'baseline' })
    expect(decide(true, 'difference', 'both', colours).shown.map((one) => one.colour)).toEqual([[1, 1, 1], [2, 2, 2]])
  })
})
