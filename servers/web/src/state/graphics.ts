// Whether this machine draws 3D in software: then the ground stays flat unless the reader asks for terrain.
import '../server/early' // first: what it asks for travels while a graphics context is made

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i

/** True if WebGL runs on the processor; false with a graphics card, or where it cannot be told. */
export function drawsInSoftware(): boolean {
  if (typeof OffscreenCanvas === 'undefined') return false
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2')
  if (!gl) return false
  const info = gl.getExtension('WEBGL_debug_renderer_info')
  const renderer = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER))
  gl.getExtension('WEBGL_lose_context')?.loseContext()
  return SOFTWARE.test(renderer)
}

/** Asked once: it makes a graphics context. */
export const IN_SOFTWARE = drawsInSoftware()
/** Terrain in 3D unless the address says otherwise. */
export const TERRAIN_BY_DEFAULT = !IN_SOFTWARE

/** Whether the reader asked for no motion. */
export function prefersStillness(): boolean {
  return globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches ?? false
}
