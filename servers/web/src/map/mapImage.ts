// The map as it is seen, as a picture: with title, legend, sources and the mark of synthetic data.
import type { Map as MapLibre } from 'maplibre-gl'
import { formatNumber } from '../language/quantities'
import type { Language, Text } from '../language/words'
import { useMapStore, type Legend } from './mapStore'

export type ImageContent = {
  title: string
  attribution: string[]
  /** Words of the mark; '' without. */
  mark: string
  legends: Legend[]
  language: Language
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
  const context = copy.getContext('2d')
  context?.drawImage(drawn, 0, 0)
  if (context) drawLinked(context)
  return copy
}

/** Two states are compared: the second map lies over the left of the first, as on the screen. */
function drawLinked(context: CanvasRenderingContext2D): void {
  const { linked } = useMapStore.getState()
  if (!linked) return
  linked.map.redraw()
  const { width, height } = context.canvas
  const edge = Math.round(width * linked.share)
  context.save()
  context.beginPath()
  context.rect(0, 0, edge, height)
  context.clip()
  context.drawImage(linked.map.getCanvas(), 0, 0)
  context.restore()
  context.fillStyle = '#ffffff'
  context.fillRect(edge - 2, 0, 4, height)
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

function writeLegend(context: CanvasRenderingContext2D, legend: Legend, top: number, unit: number, { text, language }: ImageContent): number {
  const line = 18 * unit
  const heading = text(legend.title) + (legend.unit ? ` (${legend.unit})` : '')
  const rows = legend.stops.map((stop) => ({ color: stop.color, words: stop.label !== undefined ? text(stop.label) : stop.value === undefined ? '' : formatNumber(stop.value, language) }))
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
  content.legends.reduce((top, legend) => writeLegend(context, legend, top, unit, content), 54 * unit)
  writeSources(context, content.attribution, unit)
  return canvas
}

/** Texts one after another in lines no wider than `room`; a text that is too long for a line is broken within. */
export function inLines(texts: string[], room: number, widthOf: (text: string) => number): string[] {
  const lines: string[] = []
  let line = ''
  const end = () => {
    if (line) lines.push(line)
    line = ''
  }
  for (const text of texts) {
    const joined = line ? `${line} · ${text}` : text
    if (widthOf(joined) <= room) {
      line = joined
      continue
    }
    end()
    // Words where there are any; Chinese may be broken at any sign.
    for (const part of text.match(/[\x21-\x7e]+\s*|[^]/g) ?? []) {
      if (line && widthOf(line + part) > room) end()
      line += part
    }
  }
  end()
  return lines.map((one) => one.trim())
}

/** Whom to name, at the lower right: all of it, however many lines it takes. */
function writeSources(context: CanvasRenderingContext2D, attribution: string[], unit: number): void {
  const { width, height } = context.canvas
  context.font = `${11 * unit}px ${FONT}`
  const widthOf = (text: string) => context.measureText(text).width
  const lines = inLines(attribution, width - 16 * unit, widthOf)
  if (lines.length === 0) return
  const line = 15 * unit
  const wide = Math.max(...lines.map(widthOf)) + 16 * unit
  const high = lines.length * line + 8 * unit
  plate(context, width - wide, height - high, wide, high)
  context.fillStyle = '#1b2733'
  lines.forEach((words, place) => context.fillText(words, width - wide + 8 * unit, height - high + (place + 1) * line))
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
