// Colours of single features by their id: for buildings, which the base map draws with their height.
import type { ExpressionSpecification } from 'maplibre-gl'
import type { Feature } from '../../server/documents'
import { mix, type Color } from './palette'
import type { NumberStop, Scale } from './scale'

/** More than this would make a style too large to hand to the map. */
export const MOST_RECOLOURED = 20_000
/** Shades of a ramp: few enough to group ids by colour, too many to be told apart. */
const SHADES = 32

function onRamp(stops: NumberStop[], value: number): Color {
  const [first, last] = [stops[0], stops[stops.length - 1]]
  if (stops.length === 1 || value <= first.value) return first.color
  if (value >= last.value) return last.color
  const shade = first.value + (Math.round(((value - first.value) / (last.value - first.value)) * SHADES) / SHADES) * (last.value - first.value)
  const place = Math.max(1, stops.findIndex((stop) => stop.value >= shade))
  const [low, high] = [stops[place - 1], stops[place]]
  return mix(low.color, high.color, Math.min(Math.max((shade - low.value) / (high.value - low.value), 0), 1))
}

/** The colour of a value; null where it has none on this scale. */
export function colorOf(scale: Scale, value: unknown): Color | null {
  if (value === null || value === undefined) return null
  if (scale.kind === 'categories') return scale.entries.find((entry) => entry.value === value || String(entry.value) === String(value))?.color ?? null
  if (typeof value !== 'number' || !Number.isFinite(value)) return null
  if (scale.kind === 'steps') return (scale.stops.filter((stop) => value >= stop.value).at(-1) ?? scale.stops[0]).color
  return onRamp(scale.stops, value)
}

/** Colour by `id`: rows with a value in the scale's colours, rows that do not differ clearly and all others quiet. */
export function recolourById(
  rows: Feature[], scale: Scale, column: string, clear: string | undefined, quiet: { none: Color; unclear: Color },
): ExpressionSpecification | null {
  const groups = new Map<Color, string[]>()
  for (const { id, properties } of rows) {
    const own = colorOf(scale, properties[column])
    const color = own !== null && clear && properties[clear] !== true ? quiet.unclear : own
    if (color === null) continue
    const group = groups.get(color)
    if (group) group.push(String(id))
    else groups.set(color, [String(id)])
  }
  if (groups.size === 0) return null
  const pairs = [...groups].flatMap(([color, ids]) => [ids, color])
  return ['match', ['get', 'id'], ...pairs, quiet.none] as unknown as ExpressionSpecification
}
