import { existsSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

// Where the Go server listens while the client is developed; `make dev` starts both.
const server = process.env.WATCHROOM_DEV_SERVER ?? 'http://127.0.0.1:8080'
const proxied = { target: server, ws: true }

// The service worker needs a stable address, so it alone is built without a hash in its name.
const worker = new URL('src/sw.ts', import.meta.url).pathname
const input: Record<string, string> = { main: new URL('index.html', import.meta.url).pathname }
if (existsSync(worker)) {
  input.sw = worker
}

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  server: {
    host: '127.0.0.1',
    port: 5173,
    strictPort: true,
    proxy: { '/api': proxied, '/in': proxied, '/v2': proxied, '/services': proxied },
  },
  build: {
    target: 'es2022',
    sourcemap: false,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input,
      output: {
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
        chunkFileNames: 'assets/[name]-[hash].js',
        assetFileNames: 'assets/[name]-[hash][extname]',
      },
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
  },
})
