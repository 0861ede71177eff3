// @vitest-environment node
// What travels until the map is drawn: page, scripts, styles, the map's worker. Counted on the built page.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants } from 'node:zlib'
import { describe, expect, it } from 'vitest'

const DIST = process.env.CIM_PAGE ?? fileURLToPath(new URL('../dist', import.meta.url))
const ASSETS = join(DIST, 'assets')
const MOST_BYTES = 700_000
const SMALLEST_COMPRESSED = 1024
const built = existsSync(join(DIST, 'index.html'))
if (!built) console.warn(`THE PAGE IS NOT WEIGHED: there is no ${DIST}/index.html; run "npm run build" first`)

/** Every file an asset names: imported at once, or listed for its styles. */
function named(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((found) => found[1])
}

/** Styles that come with a script imported later: Vite lists them, by place, beside the import. */
function withImport(text: string, script: string): string[] {
  const places = new RegExp(`\\./${script}[^_]*__vite__mapDeps\\(\\[([\\d,]+)\\]`).exec(text)
  const list = /m\.f=\[([^\]]*)\]/.exec(text)
  if (!places || !list) return []
  const files = named(list[1], /"assets\/([^"]+)"/g)
  return places[1].split(',').map((place) => files[Number(place)])
}

/** Assets until the map is drawn: what the page names, all that these import, the map's own script and its worker. */
function untilTheMap(): string[] {
  const reached = new Set(named(readFileSync(join(DIST, 'index.html'), 'utf8'), /"\/assets\/([^"]+\.(?:js|css))"/g))
  for (const name of reached) {
    // a set that grows while it is walked is walked to its new end
    if (!name.endsWith('.js')) continue
    const text = readFileSync(join(ASSETS, name), 'utf8')
    const imported = named(text, /(?:from|import)\s*["'`]\.\/([^"'`]+)["'`]/g)
    const map = named(text, /import\(\s*["'`]\.\/(MapCanvas-[^"'`]+\.js)["'`]/g)
    const workers = named(text, /["'`/](maplibre-gl-worker-[^"'`/]+\.mjs)/g)
    for (const one of [...imported, ...map, ...map.flatMap((script) => withImport(text, script)), ...workers]) reached.add(one)
  }
  return [...reached].filter((name) => existsSync(join(ASSETS, name)))
}

/** Bytes on the way, as scripts/compress.mjs leaves them. */
function sentBytes(path: string): number {
  if (existsSync(`${path}.br`)) return statSync(`${path}.br`).size
  const plain = readFileSync(path)
  return plain.length < SMALLEST_COMPRESSED ? plain.length : brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }).length
}

describe.skipIf(!built)('the built page', () => {
  it('brings the map with less than 700 kB', () => {
    const files = untilTheMap()
    const kinds = ['index-', 'MapCanvas-', 'maplibre-gl-worker-', '.css']
    for (const kind of kinds) expect(files.some((name) => name.includes(kind)), `${kind} is counted`).toBe(true)
    const sizes = ['../index.html', ...files].map((name) => [basename(name), sentBytes(join(ASSETS, name))] as const)
    const bytes = sizes.reduce((sum, [, one]) => sum + one, 0)
    const heaviest = sizes.sort(([, one], [, other]) => other - one).slice(0, 6).map(([name, one]) => `${name} ${one}`)
    expect(bytes, heaviest.join(', ')).toBeLessThan(MOST_BYTES)
  }, 30_000)

  it('lies there compressed: it was built by "npm run build", not by vite alone', () => {
    const plain = readdirSync(ASSETS).filter((name) => /\.(js|mjs|css)$/.test(name) && statSync(join(ASSETS, name)).size >= SMALLEST_COMPRESSED)
    expect(plain.filter((name) => !existsSync(join(ASSETS, `${name}.br`)) || !existsSync(join(ASSETS, `${name}.gz`)))).toEqual([])
  })
})
