// Chunks of a run's frames: fetched when wanted, the next ones ahead, the oldest forgotten when memory is full.
import { ask } from '../server/client'
import type { Trajectories } from '../server/documents'
import { frameOf, readChunk, type Chunk, type Frame } from './frames'

const MOST_BYTES = 256_000_000

export class Chunks {
  private kept = new Map<number, Chunk>()
  private underWay = new Map<number, Promise<void>>()
  private stop = new AbortController()
  /** Why a chunk did not come; nothing more is fetched until {@link retry}. */
  failed: unknown = null

  constructor(private readonly source: Trajectories) {}

  /** Begin, or begin anew after {@link close}. */
  open(): void {
    if (this.stop.signal.aborted) this.stop = new AbortController()
  }

  /** The frame of that number if it is here; its chunk is fetched if not. */
  frame(number: number): Frame | null {
    if (number < 0 || number >= this.source.frames) return null
    const chunk = this.chunk(Math.floor(number / this.source.chunk_frames))
    return chunk && frameOf(chunk, number)
  }

  /** Fetch the chunk of a frame and the one after it. */
  prepare(frame: number): void {
    const number = Math.floor(frame / this.source.chunk_frames)
    this.chunk(number)
    this.chunk(number + 1)
  }

  /** Stop fetching and forget everything. */
  close(): void {
    this.stop.abort()
    this.kept.clear()
  }

  /** Forget a failure: the next wish asks the server again. */
  retry(): void {
    this.failed = null
  }

  private chunk(number: number): Chunk | null {
    const known = this.kept.get(number)
    if (known) {
      this.kept.delete(number) // the latest used stands last
      this.kept.set(number, known)
      return known
    }
    if (number >= 0 && number < this.source.chunks && !this.underWay.has(number) && this.failed === null)
      this.underWay.set(number, this.fetch(number))
    return null
  }

  private async fetch(number: number): Promise<void> {
    const { signal } = this.stop
    try {
      const response = await ask(this.source.chunk_href.replace('{chunk}', String(number)), { signal })
      const chunk = readChunk(await response.arrayBuffer())
      if (!signal.aborted) this.keep(number, chunk)
    } catch (fault) {
      if (!signal.aborted) this.failed = fault
    } finally {
      this.underWay.delete(number)
    }
  }

  private keep(number: number, chunk: Chunk): void {
    this.kept.set(number, chunk)
    let bytes = 0
    for (const one of this.kept.values()) bytes += one.vehicle.buffer.byteLength
    for (const [oldest, one] of this.kept) {
      if (bytes <= MOST_BYTES || this.kept.size <= 2) break
      this.kept.delete(oldest)
      bytes -= one.vehicle.buffer.byteLength
    }
  }
}
