// What the first map needs, asked for before anything else runs: the answers travel while the page is still being read.
const WANTED = ['/api/city', '/api/collections', '/api/tiles/WebMercatorQuad']

function begin(): Map<string, Promise<Response>> {
  if (!globalThis.document?.getElementById('root')) return new Map() // a test, not the page
  const at = new URLSearchParams(location.search).get('at')
  const suffix = at ? `?at=${encodeURIComponent(at)}` : ''
  const paths = WANTED.map((path) => (path === '/api/city' ? path : path + suffix))
  void import('../map/MapCanvas').catch(() => undefined) // who shows the map asks again, and says what is wrong
  return new Map(
    paths.map((path) => {
      const answer = fetch(path)
      answer.catch(() => undefined) // a fault is told to whoever takes the answer
      return [path, answer]
    }),
  )
}

const early = begin()

/** The answer that is already under way, once; undefined if none is. */
export function takeEarly(path: string): Promise<Response> | undefined {
  const answer = early.get(path)
  early.delete(path)
  return answer
}
