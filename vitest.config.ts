import { generateKeyPairSync } from 'node:crypto';
import { defineConfig } from 'vitest/config';

/**
 * Tests that change Node itself for the rest of their process, or ask what the process has loaded, so each file gets a
 * process of its own.
 */
const PROCESS_TESTS = ['lib/{server,observability}/**/*.test.ts', 'lib/github/kms.test.ts'];

const FOLDERS = '{app,components,lib,local,prisma,cli,client,deploy,bench,faults,e2e,packages}';

/** Generated once for all test files, because generating a key takes 0.1 s of CPU time. */
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
    // More workers than cores, because most test files spend their time waiting for PostgreSQL and other processes.
    // With only two workers, two cores would be half idle.
    maxWorkers: 4,
    // A failing test must show its own error, not one caused by a mock or an environment variable left behind by
    // another test.
    restoreMocks: true,
    unstubEnvs: true,
    provide: { privateKey },
    // No test asserts a duration, and these limits are generous, so a slow machine can't make a test fail.
    expect: { poll: { timeout: 60_000 } },
    // Fails a test if the offline GitHub or the app deviates from GitHub's OpenAPI description during the test.
    setupFiles: ['local/test/log.ts', 'offline-github/vitest'],
    reporters: ['default', './local/test/log-file.ts'],
    // Shows a test's output, including the app's log lines, only if the test fails.
    silent: 'passed-only',
    // High enough that a passing run prints one line per file and never reports slow tests.
    slowTestThreshold: 60_000,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [`${FOLDERS}/**/*.test.{ts,tsx}`, '*.test.ts'],
          exclude: ['**/*.db.test.ts', '**/node_modules/**', ...PROCESS_TESTS],
          // Share a worker between files: starting one and loading packages takes longer than most files. `fresh.ts`
          // reloads our own modules for each file.
          isolate: false,
          setupFiles: ['local/test/fresh.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'process',
          include: PROCESS_TESTS,
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
