// TileJSON documents, with their addresses at the page's own origin.
import { getJson } from './client'
import type { TileJson } from './documents'

/** The server names its own address; behind a tunnel or a proxy the page came from another, and only that one is allowed. */
export function atOwnOrigin(address: string): string {
  return address.replace(/^https?:\/\/[^/]+/, globalThis.location.origin)
}

export async function getTileJson(path: string, signal?: AbortSignal): Promise<TileJson> {
  const document = await getJson<TileJson>(path, signal)
  return { ...document, tiles: document.tiles.map(atOwnOrigin) }
}
