// Marks of categories: each its own outline, drawn when the map first asks for it.
import type { Map as MapLibre } from 'maplibre-gl'
import type { Theme } from '../../state/address'
import { QUIET, type Color } from './palette'

const PREFIX = 'result-mark'
const SIZE = 20
/** Corners of each mark around the middle, in units of its radius; none: a circle. */
const OUTLINES: [number, number][][] = [
  [],
  [[-0.85, -0.85], [0.85, -0.85], [0.85, 0.85], [-0.85, 0.85]],
  [[0, -1.05], [1, 0.8], [-1, 0.8]],
  [[0, -1.1], [1.1, 0], [0, 1.1], [-1.1, 0]],
  [[-1, -0.8], [1, -0.8], [0, 1.05]],
  [[-0.35, -1], [0.35, -1], [0.35, -0.35], [1, -0.35], [1, 0.35], [0.35, 0.35], [0.35, 1], [-0.35, 1], [-0.35, 0.35], [-1, 0.35], [-1, -0.35], [-0.35, -0.35]],
  [[0, -1.1], [1, -0.3], [0.65, 0.95], [-0.65, 0.95], [-1, -0.3]],
  [[-0.5, -1], [0.5, -1], [1, 0], [0.5, 1], [-0.5, 1], [-1, 0]],
]

/** Name of the image for the category at `place`. */
export function shapeOf(place: number, color: Color, theme: Theme): string {
  return [PREFIX, place % OUTLINES.length, color, theme].join(' ')
}

/** The mark of the category at `place` as a character, for legends. */
export function glyphOf(place: number): string {
  return '●■▲◆▼✚⬟⬢'.charAt(place % OUTLINES.length)
}

function draw(name: string, ratio: number): ImageData | null {
  const [place, color, theme] = name.slice(PREFIX.length + 1).split(' ')
  const side = SIZE * ratio
  const canvas = new OffscreenCanvas(side, side)
  const pen = canvas.getContext('2d')
  if (!pen) return null
  const radius = side * 0.36
  const outline = OUTLINES[Number(place)]
  pen.beginPath()
  if (outline.length === 0) pen.arc(side / 2, side / 2, radius, 0, 2 * Math.PI)
  outline.forEach(([x, y]) => pen.lineTo(side / 2 + x * radius, side / 2 + y * radius))
  pen.closePath()
  pen.fillStyle = color
  pen.fill()
  pen.lineWidth = 1.5 * ratio
  pen.strokeStyle = QUIET[theme as Theme].casing
  pen.stroke()
  return pen.getImageData(0, 0, side, side)
}

/** Give the map its marks as it asks for them (also after its style was replaced); returns how to stop. */
export function offerShapes(map: MapLibre): () => void {
  map.setMissingStyleImageResolver(async (id) => {
    if (!id.startsWith(PREFIX) || map.hasImage(id)) return
    const image = draw(id, 2)
    if (image) map.addImage(id, image, { pixelRatio: 2 })
  })
  return () => void map.setMissingStyleImageResolver(null)
}
