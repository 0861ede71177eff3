// Vehicles on the graphics card: where each is at two frames goes there once; a picture between them is one number and one draw.
import { MercatorCoordinate, type CustomLayerInterface, type CustomRenderMethodInput, type Map as MapLibre } from 'maplibre-gl'
import type { Motion } from './motion'

const LIFT_M = 1.5
const WIDTH_M = 2.2
const LEAST_WIDTH_PIXELS = 3
const EDGE_PIXELS = 1
const CORNERS = 4

const VERTEX = `#version 300 es
uniform mat4 matrix;
uniform vec2 viewport;
uniform float share, halfLength, width, exaggeration, lift;  // width in pixels, edge and all
in vec3 first, second;
in vec2 heading;
in vec4 colour;
out vec4 shade;
out float beside;
void main() {
  vec3 middle = mix(first, second, share);
  middle.z = middle.z * exaggeration + lift;
  vec3 half_ = vec3(heading * halfLength, 0.0);
  vec4 tail = matrix * vec4(middle - half_, 1.0);
  vec4 head = matrix * vec4(middle + half_, 1.0);
  vec2 along = (head.xy / head.w - tail.xy / tail.w) * viewport;
  vec2 across = vec2(-along.y, along.x) / max(length(along), 1e-6) * width / viewport;
  vec4 end = gl_VertexID < 2 ? tail : head;
  float side = (gl_VertexID & 1) == 0 ? 1.0 : -1.0;
  gl_Position = end + vec4(across * side, 0.0, 0.0) * end.w;
  beside = side * width / 2.0;
  shade = colour;
}`
const FRAGMENT = `#version 300 es
precision mediump float;
uniform mediump float core;
in vec4 shade;
in float beside;
out vec4 colour;
void main() { colour = abs(beside) > core ? vec4(1.0) : shade; }`
const UNIFORMS = ['matrix', 'viewport', 'share', 'halfLength', 'width', 'exaggeration', 'lift', 'core'] as const

/** How the vehicles are looked at: the way between the frames (0 to 1), a stroke's length, the map's scale and heights. */
export type Look = { share: number; lengthM: number; metresPerPixel: number; exaggeration: number }

/**
 * The map's matrix (from web mercator of 0 to 1, 64 bits) for metres east, north and up of a place (degrees). The sum
 * is done here, in 64 bits: a graphics card's 32 would let vehicles tremble by a metre.
 */
export function matrixAt(origin: [number, number], world: ArrayLike<number>): Float32Array {
  const centre = MercatorCoordinate.fromLngLat(origin)
  const unit = centre.meterInMercatorCoordinateUnits()
  const matrix = new Float32Array(16)
  for (let row = 0; row < 4; row++) {
    matrix[row] = world[row] * unit
    matrix[4 + row] = -world[4 + row] * unit
    matrix[8 + row] = world[8 + row] * unit
    matrix[12 + row] = world[row] * centre.x + world[4 + row] * centre.y + world[12 + row]
  }
  return matrix
}

type OnCard = {
  program: WebGLProgram
  strokes: WebGLVertexArrayObject
  attributes: Record<'first' | 'second' | 'heading' | 'colour', WebGLBuffer>
  uniforms: Record<(typeof UNIFORMS)[number], WebGLUniformLocation | null>
}

/** A layer of short strokes, one for each vehicle, along its heading. It draws nothing until it is shown something. */
export class StrokeLayer implements CustomLayerInterface {
  readonly type = 'custom'
  readonly renderingMode = '3d'
  private map: MapLibre | null = null
  private card: OnCard | null = null
  private motion: Motion | null = null
  private colours: Uint8Array = new Uint8Array()
  private uploaded = false
  private look: Look | null = null

  constructor(readonly id: string) {}

  /** Vehicles and their colours (RGBA, four numbers each); with none, nothing is drawn. */
  give(motion: Motion | null, colours: Uint8Array): void {
    this.motion = motion
    this.colours = colours
    this.uploaded = false
    this.map?.triggerRepaint()
  }

  /** Draw them so from the next picture on. */
  show(look: Look): void {
    this.look = look
    this.map?.triggerRepaint()
  }

  onAdd(map: MapLibre, gl: WebGL2RenderingContext): void {
    this.map = map
    this.card = onCard(gl)
    this.uploaded = false
  }

  onRemove(_: MapLibre, gl: WebGL2RenderingContext): void {
    if (this.card) {
      Object.values(this.card.attributes).forEach((buffer) => gl.deleteBuffer(buffer))
      gl.deleteVertexArray(this.card.strokes)
      gl.deleteProgram(this.card.program)
    }
    this.card = this.map = null
  }

  render(gl: WebGL2RenderingContext, { defaultProjectionData }: CustomRenderMethodInput): void {
    const { card, motion, look } = this
    if (!card || !motion || !look || motion.count === 0) return
    if (!this.uploaded) this.upload(gl, card, motion)
    const { uniforms } = card
    const ratio = gl.drawingBufferWidth / (gl.canvas as HTMLCanvasElement).clientWidth
    gl.useProgram(card.program)
    gl.uniformMatrix4fv(uniforms.matrix, false, matrixAt(motion.origin, defaultProjectionData.mainMatrix))
    gl.uniform2f(uniforms.viewport, gl.drawingBufferWidth, gl.drawingBufferHeight)
    gl.uniform1f(uniforms.share, look.share)
    gl.uniform1f(uniforms.halfLength, look.lengthM / 2)
    const core = Math.max(LEAST_WIDTH_PIXELS, WIDTH_M / look.metresPerPixel) * ratio
    gl.uniform1f(uniforms.width, core + 2 * EDGE_PIXELS * ratio)
    gl.uniform1f(uniforms.core, core / 2)
    gl.uniform1f(uniforms.exaggeration, look.exaggeration)
    gl.uniform1f(uniforms.lift, LIFT_M)
    gl.disable(gl.DEPTH_TEST) // in a tunnel and behind a house, too, a vehicle is to be seen
    gl.disable(gl.CULL_FACE)
    gl.bindVertexArray(card.strokes)
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, CORNERS, motion.count)
    gl.bindVertexArray(null)
  }

  private upload(gl: WebGL2RenderingContext, { attributes }: OnCard, motion: Motion): void {
    const values = { first: motion.from, second: motion.to, heading: motion.heading, colour: this.colours }
    for (const [name, value] of Object.entries(values)) {
      gl.bindBuffer(gl.ARRAY_BUFFER, attributes[name as keyof typeof values])
      gl.bufferData(gl.ARRAY_BUFFER, value, gl.DYNAMIC_DRAW)
    }
    this.uploaded = true
  }
}

function onCard(gl: WebGL2RenderingContext): OnCard {
  const program = gl.createProgram()
  for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const) {
    const shader = gl.createShader(kind)!
    gl.shaderSource(shader, text)
    gl.compileShader(shader)
    gl.attachShader(program, shader)
    gl.deleteShader(shader) // it lives on with the program
  }
  gl.linkProgram(program)
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost())
    throw new Error(`the vehicles cannot be drawn here: ${gl.getProgramInfoLog(program)}`)
  const strokes = gl.createVertexArray()
  gl.bindVertexArray(strokes)
  const attribute = (name: string, size: number, kind: number = gl.FLOAT) => {
    const buffer = gl.createBuffer()
    const place = gl.getAttribLocation(program, name)
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer)
    gl.enableVertexAttribArray(place)
    gl.vertexAttribPointer(place, size, kind, kind === gl.UNSIGNED_BYTE, 0, 0)
    gl.vertexAttribDivisor(place, 1)
    return buffer
  }
  const attributes = {
    first: attribute('first', 3), second: attribute('second', 3), heading: attribute('heading', 2), colour: attribute('colour', 4, gl.UNSIGNED_BYTE),
  }
  gl.bindVertexArray(null)
  const uniforms = Object.fromEntries(UNIFORMS.map((name) => [name, gl.getUniformLocation(program, name)])) as OnCard['uniforms']
  return { program, strokes, attributes, uniforms }
}
