// A run's vehicles as one deck.gl layer. Matching frames costs once a frame; a picture costs a few sums and one upload.
import { COORDINATE_SYSTEM } from '@deck.gl/core'
import { LineLayer } from '@deck.gl/layers'
import type { Trajectories } from '../server/documents'
import type { Chunks } from './chunks'
import { paint } from './colours'
import { layStrokes, makeStrokes, motionBetween, type Headings, type Motion, type Strokes } from './motion'

const CAR_LENGTH_M = 5
const LEAST_PIXELS = 7
const LIFT_M = 1.5
/** Metres a pixel covers at zoom 0 on the equator, tiles of 512. */
const METRES_PER_PIXEL = 78_271.517

export class Vehicles {
  private frame = -1
  private motion: Motion | null = null
  private colours: Uint8ClampedArray = new Uint8ClampedArray()
  private strokes: Strokes[] = [makeStrokes(0), makeStrokes(0)]
  private turn = 0
  private headings: Headings = new Map()

  constructor(
    private readonly id: string,
    private readonly source: Trajectories,
    private readonly chunks: Chunks,
    private readonly plain: [number, number, number] | null,
  ) {}

  /** Vehicles in the picture. */
  get count(): number {
    return this.motion?.count ?? 0
  }

  /** Whether the frames before and after that time are here. */
  ready(time: number): boolean {
    const frame = this.frameAt(time)
    const last = frame + 1 >= this.source.frames
    return this.chunks.frame(frame) !== null && (last || this.chunks.frame(frame + 1) !== null)
  }

  /** The layer at a time of day; null while its frames are on their way. */
  layer(time: number, zoom: number, exaggeration: number): LineLayer | null {
    const frame = this.frameAt(time)
    this.chunks.prepare(frame)
    if (!this.match(frame) || !this.motion) return null
    const { motion } = this
    const strokes = this.room(motion.count)
    const share = Math.min(Math.max((time - this.source.begin_s) / this.source.period_s - frame, 0), 1)
    layStrokes(motion, share, this.lengthM(zoom, motion.origin[1]), exaggeration, LIFT_M, strokes)
    return new LineLayer({
      id: this.id,
      data: {
        length: motion.count,
        attributes: {
          getSourcePosition: { value: strokes.tail, size: 3 },
          getTargetPosition: { value: strokes.head, size: 3 },
          getColor: { value: this.colours, size: 4, normalized: true },
        },
      },
      coordinateSystem: COORDINATE_SYSTEM.LNGLAT_OFFSETS,
      coordinateOrigin: [motion.origin[0], motion.origin[1], 0],
      getWidth: 1,
      widthUnits: 'meters',
      widthScale: 2.2,
      widthMinPixels: 3,
      pickable: false,
      parameters: { depthCompare: 'always' },
    })
  }

  private frameAt(time: number): number {
    const frame = Math.floor((time - this.source.begin_s) / this.source.period_s)
    return Math.min(Math.max(frame, 0), this.source.frames - 1)
  }

  private match(frame: number): boolean {
    if (frame === this.frame) return true
    const first = this.chunks.frame(frame)
    const second = this.chunks.frame(frame + 1)
    if (!first || (!second && frame + 1 < this.source.frames)) return false
    if (Math.abs(frame - this.frame) > 1) this.headings.clear()
    this.motion = motionBetween(first, second, this.headings)
    this.colours = paint(this.motion, this.plain)
    this.frame = frame
    return true
  }

  /** Two sets of arrays take turns: deck.gl compares by identity and must see a new one each time. */
  private room(count: number): Strokes {
    this.turn = 1 - this.turn
    if (this.strokes[this.turn].capacity < count) this.strokes[this.turn] = makeStrokes(Math.ceil(count * 1.3))
    return this.strokes[this.turn]
  }

  private lengthM(zoom: number, latitude: number): number {
    const metresPerPixel = (METRES_PER_PIXEL * Math.cos((latitude * Math.PI) / 180)) / 2 ** zoom
    return Math.max(CAR_LENGTH_M, LEAST_PIXELS * metresPerPixel)
  }
}
