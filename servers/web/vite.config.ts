import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The server that the development page talks to; the built page is served by it.
const server = process.env.CIM_SERVER ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react()],
  build: { target: 'es2022', chunkSizeWarningLimit: 2000, sourcemap: false, modulePreload: { polyfill: false } },
  server: { port: 5173, proxy: { '/api': server, '/health': server } },
})
