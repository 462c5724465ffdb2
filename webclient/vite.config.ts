import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { precache } from './tools/precache.ts'

export default defineConfig({
  plugins: [vue(), precache()],
  // The options API is never used; leaving it out saves about 4 kB on every first load.
  define: { __VUE_OPTIONS_API__: false, __VUE_PROD_DEVTOOLS__: false, __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false },
  build: {
    target: ['es2020', 'safari14', 'chrome79'],
    assetsInlineLimit: 0,
    // A browser without modulepreload loads the chunks when it meets them.
    modulePreload: { polyfill: false },
    manifest: true,
    rolldownOptions: {
      input: { app: 'index.html', sw: 'src/app/sw.ts' },
      checks: { pluginTimings: false },
      output: {
        // What every page needs travels together: cut apart by chance, it costs a first load 1 kB more.
        codeSplitting: {
          groups: [
            { name: 'base', test: /node_modules\/(@vue|vue|vue-router)\// },
            { name: 'wire', test: /src\/api\/(cell|clock|problem|send|session|uuid)\.ts$/ },
          ],
        },
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  server: { proxy: { '/api': process.env.RUQI_API ?? 'http://127.0.0.1:8000' } },
  test: { environment: 'happy-dom', setupFiles: ['src/testing/setup.ts'], restoreMocks: true, unstubGlobals: true },
})
