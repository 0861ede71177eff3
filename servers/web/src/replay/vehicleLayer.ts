// A run's vehicles as one layer of the map: frames are matched once for each pair, the layer draws the pictures between.
import type { Trajectories } from '../server/documents'
import type { Chunks } from './chunks'
import { paint, type Rgb } from './colours'
import { Headings, motionBetween } from './motion'
import { StrokeLayer } from './strokeLayer'

const CAR_LENGTH_M = 5
const LEAST_PIXELS = 7
/** Metres a pixel covers at zoom 0 on the equator, tiles of 512. */
const METRES_PER_PIXEL = 78_271.517
const NO_COLOURS = new Uint8Array()

export class Vehicles {
  readonly layer: StrokeLayer
  /** Vehicles in the picture. */
  count = 0
  private frame = -1
  private origin: [number, number] = [0, 0]
  private readonly headings = new Headings()

  constructor(
    id: string,
    private readonly source: Trajectories,
    private readonly chunks: Chunks,
    private readonly plain: Rgb | null,
  ) {
    this.layer = new StrokeLayer(id)
  }

  /** Whether the frames before and after that time are here. */
  ready(time: number): boolean {
    const frame = this.frameAt(time)
    const last = frame + 1 >= this.source.frames
    return this.chunks.frame(frame) !== null && (last || this.chunks.frame(frame + 1) !== null)
  }

  /** Draw them at a time of day; none while its frames are on their way. */
  moveTo(time: number, zoom: number, exaggeration: number): void {
    const frame = this.frameAt(time)
    this.chunks.prepare(frame)
    if (frame !== this.frame) this.match(frame)
    const share = Math.min(Math.max((time - this.source.begin_s) / this.source.period_s - frame, 0), 1)
    const metresPerPixel = (METRES_PER_PIXEL * Math.cos((this.origin[1] * Math.PI) / 180)) / 2 ** zoom
    this.layer.show({ share, lengthM: Math.max(CAR_LENGTH_M, LEAST_PIXELS * metresPerPixel), metresPerPixel, exaggeration })
  }

  private frameAt(time: number): number {
    const frame = Math.floor((time - this.source.begin_s) / this.source.period_s)
    return Math.min(Math.max(frame, 0), this.source.frames - 1)
  }

  private match(frame: number): void {
    const first = this.chunks.frame(frame)
    const second = this.chunks.frame(frame + 1)
    if (!first || (!second && frame + 1 < this.source.frames)) {
      this.frame = -1
      this.count = 0
      this.layer.give(null, NO_COLOURS)
      return
    }
    if (Math.abs(frame - this.frame) > 1) this.headings.clear()
    const motion = motionBetween(first, second, this.headings)
    this.layer.give(motion, paint(motion, this.plain))
    this.frame = frame
    this.count = motion.count
    this.origin = motion.origin
  }
}
