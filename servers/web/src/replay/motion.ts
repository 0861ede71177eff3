// Where vehicles are at two frames that follow each other, matched once for all pictures between them.
import type { Chunk, Frame } from './frames'

/** Radius of the sphere on which the map (MapLibre) counts its metres. */
const EARTH_RADIUS_M = 6_371_008.8
const RADIANS = Math.PI / 180
const STANDING_MPS = 0.3

/** Vehicles from one frame to the next: metres east and north of the origin (degrees), metres of height. */
export type Motion = {
  count: number
  origin: [number, number]
  /** East, north and up (m) at the first and at the second frame. */
  from: Float32Array
  to: Float32Array
  speedMps: Float32Array
  /** Unit vector of the heading, in metres east and north; kept from before where a vehicle stands. */
  heading: Float32Array
}

/** Unit vectors of vehicles that once moved, so that a standing one does not spin; looked up by vehicle number. */
export class Headings {
  private known = new Float32Array(0)

  /** Room for vehicles up to that number. */
  reach(most: number): Float32Array {
    if (this.known.length < 2 * (most + 1)) {
      const grown = new Float32Array(4 * (most + 1))
      grown.set(this.known)
      this.known = grown
    }
    return this.known
  }

  clear(): void {
    this.known.fill(0)
  }
}

/**
 * Match two frames. A vehicle that is in one of them only stands where it is: it is drawn from its first frame on and
 * leaves with its last. Both frames list their vehicles in ascending order.
 */
export function motionBetween(first: Frame, second: Frame | null, headings: Headings): Motion {
  const { chunk } = first
  const most = first.to - first.from
  const motion: Motion = {
    count: most, origin: chunk.origin,
    from: new Float32Array(3 * most), to: new Float32Array(3 * most),
    speedMps: new Float32Array(most), heading: new Float32Array(2 * most),
  }
  if (most === 0) return motion
  const known = headings.reach(chunk.vehicle[first.to - 1])
  const [here, there] = [grid(first, chunk.origin), grid(second ?? first, chunk.origin)]
  let other = second ? second.from : 0
  for (let row = 0; row < most; row++) {
    const sample = first.from + row
    const number = chunk.vehicle[sample]
    while (second && other < second.to && second.chunk.vehicle[other] < number) other++
    const follows = second !== null && other < second.to && second.chunk.vehicle[other] === number
    place(motion.from, row, here, sample)
    if (follows) place(motion.to, row, there, other)
    else place(motion.to, row, here, sample)
    turn(motion, row, known, 2 * number, chunk.periodS)
  }
  return motion
}

/** How a frame's numbers become metres from an origin. */
type Grid = { chunk: Chunk; east: number; eastEach: number; north: number; northEach: number; bend: number }

function grid({ chunk }: Frame, origin: [number, number]): Grid {
  const latitude = origin[1] * RADIANS
  const [eastward, northward] = [EARTH_RADIUS_M * RADIANS * Math.cos(latitude), EARTH_RADIUS_M * RADIANS]
  return {
    chunk,
    east: (chunk.origin[0] - origin[0]) * eastward, eastEach: chunk.scale[0] * eastward,
    north: (chunk.origin[1] - origin[1]) * northward, northEach: chunk.scale[1] * northward,
    bend: Math.tan(latitude) / 2 / EARTH_RADIUS_M,
  }
}

/**
 * Metres in the mercator plane that touches the origin's latitude. Northward to the second order: within 0.2° of the
 * origin the third is under a decimetre.
 */
function place(target: Float32Array, row: number, { chunk, east, eastEach, north, northEach, bend }: Grid, sample: number): void {
  const northward = north + chunk.y[sample] * northEach
  target[3 * row] = east + chunk.x[sample] * eastEach
  target[3 * row + 1] = northward * (1 + northward * bend)
  target[3 * row + 2] = chunk.z[sample] * chunk.zScale
}

function turn(motion: Motion, row: number, known: Float32Array, at: number, periodS: number): void {
  const east = motion.to[3 * row] - motion.from[3 * row]
  const north = motion.to[3 * row + 1] - motion.from[3 * row + 1]
  const length = Math.sqrt(east * east + north * north)
  motion.speedMps[row] = length / periodS
  if (motion.speedMps[row] > STANDING_MPS) {
    known[at] = east / length
    known[at + 1] = north / length
  }
  const never = known[at] === 0 && known[at + 1] === 0
  motion.heading[2 * row] = known[at]
  motion.heading[2 * row + 1] = never ? 1 : known[at + 1]
}
