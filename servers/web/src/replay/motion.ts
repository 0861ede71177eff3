// Where vehicles are between two frames. One pair of frames is matched once, then every picture is a few sums.
import type { Frame } from './frames'

const METRES_PER_DEGREE = 111_320
const STANDING_MPS = 0.3

/** Vehicles from one frame to the next: degrees from the origin, metres of height. */
export type Motion = {
  count: number
  origin: [number, number]
  periodS: number
  vehicle: Uint32Array
  /** x, y (degrees from the origin), z (m) at the first and at the second frame. */
  from: Float32Array
  to: Float32Array
  speedMps: Float32Array
  /** Unit vector of the heading, in metres east and north; kept from before where a vehicle stands. */
  heading: Float32Array
}

/** Headings of vehicles that once moved, so that a standing one does not spin; by vehicle number. */
export type Headings = Map<number, [number, number]>

/**
 * Match two frames. A vehicle that is in one of them only stands where it is: it is drawn from its first frame on and
 * leaves with its last. Both frames list their vehicles in ascending order.
 */
export function motionBetween(first: Frame, second: Frame | null, headings: Headings): Motion {
  const { chunk } = first
  const most = first.to - first.from
  const motion: Motion = {
    count: most, origin: chunk.origin, periodS: chunk.periodS,
    vehicle: chunk.vehicle.subarray(first.from, first.to),
    from: new Float32Array(3 * most), to: new Float32Array(3 * most),
    speedMps: new Float32Array(most), heading: new Float32Array(2 * most),
  }
  const toMetresX = METRES_PER_DEGREE * Math.cos((chunk.origin[1] * Math.PI) / 180)
  let other = second ? second.from : 0
  for (let row = 0; row < most; row++) {
    const here = first.from + row
    const number = chunk.vehicle[here]
    while (second && other < second.to && second.chunk.vehicle[other] < number) other++
    place(motion.from, row, first, here, chunk.origin)
    const follows = second !== null && other < second.to && second.chunk.vehicle[other] === number
    if (follows) place(motion.to, row, second, other, chunk.origin)
    else place(motion.to, row, first, here, chunk.origin)
    const east = (motion.to[3 * row] - motion.from[3 * row]) * toMetresX
    const north = (motion.to[3 * row + 1] - motion.from[3 * row + 1]) * METRES_PER_DEGREE
    turn(motion, row, number, east, north, headings)
  }
  return motion
}

function place(target: Float32Array, row: number, frame: Frame, sample: number, origin: [number, number]): void {
  const { chunk } = frame
  target[3 * row] = chunk.origin[0] - origin[0] + chunk.x[sample] * chunk.scale[0]
  target[3 * row + 1] = chunk.origin[1] - origin[1] + chunk.y[sample] * chunk.scale[1]
  target[3 * row + 2] = chunk.z[sample] * chunk.zScale
}

function turn(motion: Motion, row: number, vehicle: number, east: number, north: number, headings: Headings): void {
  const length = Math.hypot(east, north)
  motion.speedMps[row] = length / motion.periodS
  let heading = headings.get(vehicle)
  if (motion.speedMps[row] > STANDING_MPS) {
    heading = [east / length, north / length]
    headings.set(vehicle, heading)
  }
  motion.heading[2 * row] = heading ? heading[0] : 0
  motion.heading[2 * row + 1] = heading ? heading[1] : 1
}

/** What is drawn: the two ends of a short stroke for each vehicle. Reused from picture to picture. */
export type Strokes = { tail: Float32Array; head: Float32Array; capacity: number }

export function makeStrokes(capacity: number): Strokes {
  return { tail: new Float32Array(3 * capacity), head: new Float32Array(3 * capacity), capacity }
}

/**
 * Put every vehicle where it is a `share` (0 to 1) of the way, as a stroke of `lengthM`; heights are multiplied by
 * `exaggeration` and raised by `liftM`.
 */
export function layStrokes(
  motion: Motion, share: number, lengthM: number, exaggeration: number, liftM: number, strokes: Strokes,
): void {
  const { from, to, heading, origin } = motion
  const { tail, head } = strokes
  const half = lengthM / 2 / METRES_PER_DEGREE
  const halfX = half / Math.cos((origin[1] * Math.PI) / 180)
  for (let row = 0, place = 0; row < motion.count; row++, place += 3) {
    const x = from[place] + (to[place] - from[place]) * share
    const y = from[place + 1] + (to[place + 1] - from[place + 1]) * share
    const z = (from[place + 2] + (to[place + 2] - from[place + 2]) * share) * exaggeration + liftM
    const dx = heading[2 * row] * halfX
    const dy = heading[2 * row + 1] * half
    tail[place] = x - dx
    tail[place + 1] = y - dy
    tail[place + 2] = z
    head[place] = x + dx
    head[place + 1] = y + dy
    head[place + 2] = z
  }
}
