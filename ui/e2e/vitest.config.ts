import { defineConfig } from 'vitest/config';

// The journey drives the built binary in a real browser; one step builds on the one before.
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: '../node_modules/.vite-e2e',
  test: {
    environment: 'node',
    include: ['*.e2e.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    bail: 1,
    retry: 0,
  },
});
