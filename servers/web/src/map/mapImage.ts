// The map as it is seen, as a picture: with title, legend, sources and the mark of synthetic data.
import type { Map as MapLibre } from 'maplibre-gl'
import type { Text } from '../language/words'
import type { Legend } from './mapStore'

export type ImageContent = {
  title: string
  attribution: string[]
  /** Words of the mark; '' without. */
  mark: string
  legends: Legend[]
  text: (text: Text | string | null | undefined) => string
}

const FONT = '"Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif'

/** The map's pixels on a canvas of their own, taken in the frame in which they are drawn. */
export function mapCanvas(map: MapLibre): HTMLCanvasElement {
  map.redraw()
  const drawn = map.getCanvas()
  const copy = document.createElement('canvas')
  copy.width = drawn.width
  copy.height = drawn.height
  copy.getContext('2d')?.drawImage(drawn, 0, 0)
  return copy
}

function plate(context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number): void {
  context.fillStyle = 'rgba(255,255,255,0.9)'
  context.fillRect(x, y, width, height)
}

function writeMark(context: CanvasRenderingContext2D, mark: string, width: number, unit: number): void {
  context.font = `600 ${13 * unit}px ${FONT}`
  const long = context.measureText(mark).width + 20 * unit
  context.fillStyle = '#fff3d6'
  context.fillRect(width - long - 12 * unit, 12 * unit, long, 26 * unit)
  context.fillStyle = '#7a4b00'
  context.fillText(mark, width - long - 2 * unit, 30 * unit)
}

function writeLegend(context: CanvasRenderingContext2D, legend: Legend, top: number, unit: number, text: ImageContent['text']): number {
  const line = 18 * unit
  const heading = text(legend.title) + (legend.unit ? ` (${legend.unit})` : '')
  const rows = legend.stops.map((stop) => ({ color: stop.color, words: stop.label !== undefined ? text(stop.label) : String(stop.value ?? '') }))
  context.font = `${12 * unit}px ${FONT}`
  const wide = Math.max(...[heading, ...rows.map((row) => `     ${row.words}`)].map((words) => context.measureText(words).width)) + 24 * unit
  const height = line * (rows.length + 1) + 12 * unit
  plate(context, 12 * unit, top, wide, height)
  context.fillStyle = '#1b2733'
  context.fillText(heading, 20 * unit, top + line)
  rows.forEach((row, place) => {
    const y = top + line * (place + 2)
    context.fillStyle = row.color
    context.fillRect(20 * unit, y - 10 * unit, 14 * unit, 11 * unit)
    context.fillStyle = '#1b2733'
    context.fillText(row.words, 40 * unit, y)
  })
  return top + height + 8 * unit
}

/** Map, title, legends, mark and sources on one canvas. */
export function composeImage(map: MapLibre, content: ImageContent): HTMLCanvasElement {
  const canvas = mapCanvas(map)
  const context = canvas.getContext('2d')!
  const unit = canvas.width / Math.max(1, map.getCanvas().clientWidth)
  context.font = `600 ${16 * unit}px ${FONT}`
  plate(context, 12 * unit, 12 * unit, context.measureText(content.title).width + 20 * unit, 32 * unit)
  context.fillStyle = '#1b2733'
  context.fillText(content.title, 22 * unit, 34 * unit)
  if (content.mark) writeMark(context, content.mark, canvas.width, unit)
  content.legends.reduce((top, legend) => writeLegend(context, legend, top, unit, content.text), 54 * unit)
  const sources = content.attribution.join(' · ')
  context.font = `${11 * unit}px ${FONT}`
  const wide = Math.min(canvas.width, context.measureText(sources).width + 16 * unit)
  plate(context, canvas.width - wide, canvas.height - 22 * unit, wide, 22 * unit)
  context.fillStyle = '#1b2733'
  context.fillText(sources, canvas.width - wide + 8 * unit, canvas.height - 7 * unit)
  return canvas
}

/** Save what {@link composeImage} draws as a PNG file. */
export async function saveMapImage(map: MapLibre, content: ImageContent): Promise<void> {
  const canvas = composeImage(map, content)
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'))
  if (!blob) return
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = `${content.title}${content.mark ? ` (${content.mark})` : ''}.png`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
