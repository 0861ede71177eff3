// Speed as colour: from orange (standing) to blue (free), told apart by the colour-blind; in comparison the sides' own.
import type { Theme } from '../state/address'
import type { Motion } from './motion'
import type { SideName } from './useReplaySources'

export type Rgb = [number, number, number]

/** Colours of the two sides of a comparison: neither is one that a difference is drawn in. */
export const SIDE_COLOURS: Record<Theme, Record<SideName, Rgb>> = {
  light: { baseline: [84, 94, 104], plan: [150, 40, 150] },
  dark: { baseline: [190, 200, 210], plan: [226, 130, 226] },
}

/** Speeds (km/h) at which the legend's colours stand, and the colours. */
export const SPEED_STOPS: { kmh: number; rgb: Rgb }[] = [
  { kmh: 0, rgb: [166, 54, 3] },
  { kmh: 10, rgb: [230, 110, 40] },
  { kmh: 20, rgb: [253, 184, 99] },
  { kmh: 35, rgb: [146, 197, 222] },
  { kmh: 50, rgb: [33, 102, 172] },
]

/** Colour of a speed (m/s), between the stops. */
export function speedColour(mps: number): Rgb {
  const kmh = mps * 3.6
  const above = SPEED_STOPS.findIndex((stop) => kmh < stop.kmh)
  if (above < 0) return SPEED_STOPS[SPEED_STOPS.length - 1].rgb
  if (above === 0) return SPEED_STOPS[0].rgb
  const [low, high] = [SPEED_STOPS[above - 1], SPEED_STOPS[above]]
  const share = (kmh - low.kmh) / (high.kmh - low.kmh)
  return [0, 1, 2].map((part) => Math.round(low.rgb[part] + share * (high.rgb[part] - low.rgb[part]))) as Rgb
}

const STEPS = 64
const FASTEST_MPS = 50 / 3.6
const STEPS_EACH_MPS = STEPS / FASTEST_MPS
const TABLE = Uint32Array.from({ length: STEPS + 1 }, (_, step) => packed(speedColour((step / STEPS) * FASTEST_MPS)))

/** Four bytes as one number, opaque. */
function packed([red, green, blue]: Rgb): number {
  return new Uint32Array(new Uint8Array([red, green, blue, 255]).buffer)[0]
}

/** RGBA of every vehicle of a motion; `plain` paints all alike (the sides of a comparison). */
export function paint(motion: Motion, plain: Rgb | null): Uint8Array {
  const colours = new Uint32Array(motion.count)
  if (plain) colours.fill(packed(plain))
  else for (let row = 0; row < motion.count; row++) colours[row] = TABLE[Math.min(STEPS, Math.round(motion.speedMps[row] * STEPS_EACH_MPS))]
  return new Uint8Array(colours.buffer)
}
