// Frames of a run's vehicles as the server sends them (servers/serving/frames.py): views into the bytes, nothing copied.

/** Some consecutive frames. Positions are `origin + x · scale` in degrees, `z · zScale` in metres. */
export type Chunk = {
  firstFrame: number
  frames: number
  /** Seconds after local midnight of the first frame. */
  beginS: number
  periodS: number
  origin: [number, number]
  scale: [number, number]
  zScale: number
  /** Where each frame begins among the samples; one more than there are frames. */
  offsets: Uint32Array
  /** Vehicle numbers, ascending within a frame. */
  vehicle: Uint32Array
  x: Uint16Array
  y: Uint16Array
  z: Int16Array
}

const MAGIC = 0x464d4943 // "CIMF", little endian
const HEADER_BYTES = 72
const BYTES_PER_SAMPLE = 10

/** Read a chunk; raises RangeError for bytes that are something else. */
export function readChunk(buffer: ArrayBuffer): Chunk {
  const head = new DataView(buffer)
  if (buffer.byteLength < HEADER_BYTES || head.getUint32(0, true) !== MAGIC || head.getUint32(4, true) !== 1)
    throw new RangeError('these bytes are no frames of version 1')
  const frames = head.getUint32(8, true)
  const offsets = new Uint32Array(buffer, HEADER_BYTES, frames + 1)
  const samples = offsets[frames]
  const start = HEADER_BYTES + offsets.byteLength
  if (buffer.byteLength < start + samples * BYTES_PER_SAMPLE) throw new RangeError('the frames are cut off')
  return {
    frames,
    firstFrame: head.getUint32(12, true),
    beginS: head.getFloat64(16, true),
    periodS: head.getFloat64(24, true),
    origin: [head.getFloat64(32, true), head.getFloat64(40, true)],
    scale: [head.getFloat64(48, true), head.getFloat64(56, true)],
    zScale: head.getFloat32(64, true),
    offsets,
    vehicle: new Uint32Array(buffer, start, samples),
    x: new Uint16Array(buffer, start + 4 * samples, samples),
    y: new Uint16Array(buffer, start + 6 * samples, samples),
    z: new Int16Array(buffer, start + 8 * samples, samples),
  }
}

/** One frame within its chunk. */
export type Frame = { chunk: Chunk; from: number; to: number }

/** The frame of that number, if the chunk has it. */
export function frameOf(chunk: Chunk, frame: number): Frame | null {
  const place = frame - chunk.firstFrame
  if (place < 0 || place >= chunk.frames) return null
  return { chunk, from: chunk.offsets[place], to: chunk.offsets[place + 1] }
}
