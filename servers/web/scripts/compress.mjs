// Compress what the page is made of once, so that the server sends bytes as they lie on disk.
// `node scripts/compress.mjs [FOLDER]`; `npm run build` runs it: the page's weight holds only for what it leaves behind.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const text = /\.(js|mjs|css|html|svg|json|txt|wasm)$/

function files(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? files(path) : [path]
  })
}

for (const path of files(process.argv[2] ?? 'dist').filter((path) => text.test(path))) {
  const plain = readFileSync(path)
  if (plain.length < 1024) continue
  writeFileSync(`${path}.gz`, gzipSync(plain, { level: 9 }))
  writeFileSync(`${path}.br`, brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }))
}
