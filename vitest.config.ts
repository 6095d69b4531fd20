import { generateKeyPairSync } from 'node:crypto';
import { defineConfig } from 'vitest/config';

const FOLDERS = '{app,components,lib,local,prisma,cli,client,deploy,bench,e2e,packages}';

/** Generated once for all files, because it takes a tenth of a second of CPU time. */
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

export default defineConfig({
  resolve: { alias: { '@': import.meta.dirname } },
  test: {
    environment: 'node',
    experimental: { fsModuleCache: true },
    // Most files wait for PostgreSQL and other processes, so that two workers would leave two cores half idle.
    maxWorkers: 4,
    // A failing test must show its own error, and not the leftover mock or variable of another test.
    restoreMocks: true,
    unstubEnvs: true,
    provide: { privateKey },
    // No test asserts a duration, so that a busy machine fails none.
    expect: { poll: { timeout: 60_000 } },
    // Fails a test during which the offline GitHub or the app departs from GitHub's own description.
    setupFiles: ['local/test/log.ts', 'offline-github/vitest'],
    reporters: ['default', './local/test/log-file.ts'],
    // The output of a test, with the app's log lines, is shown if it fails.
    silent: 'passed-only',
    // A green run prints a line for each file, and none for a slow test.
    slowTestThreshold: 60_000,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [`${FOLDERS}/**/*.test.{ts,tsx}`, '*.test.ts'],
          exclude: ['**/*.db.test.ts', '**/node_modules/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'db',
          include: [`${FOLDERS}/**/*.db.test.ts`],
          exclude: ['**/node_modules/**'],
          globalSetup: ['local/test/postgres.ts'],
        },
      },
    ],
  },
});
