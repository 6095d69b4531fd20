import { defineConfig } from 'vitest/config';

/** Configures `npm test` in this package alone. The repository's own run includes the same test files. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    setupFiles: ['./src/vitest.ts'],
    silent: 'passed-only',
    // These timeouts are generous, so that a test waiting for another process also passes on a busy machine.
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
