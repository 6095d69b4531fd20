import { defineConfig } from 'vitest/config';

/** Configures `npm test` of the package by itself. The repository's own run reads the same test files. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    setupFiles: ['./src/vitest.ts'],
    silent: 'passed-only',
    // Generous, so that a test that waits for another process does not fail on a busy machine.
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
