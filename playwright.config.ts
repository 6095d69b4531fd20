import { defineConfig, devices } from '@playwright/test';
import { findBrowser, launchArgs } from './local/clients/browser';

/**
 * Browser tests run against the production build. Global set-up starts it with a PostgreSQL, a store and an offline
 * GitHub, and `e2e/fixtures.ts` gives tests access to them.
 */
export default defineConfig({
  testDir: 'e2e',
  globalSetup: './local/test/browser-services.ts',
  // The tests of a file build on each other, and all files share one app and one GitHub.
  workers: 1,
  fullyParallel: false,
  // No test asserts a duration, so that a busy machine fails none.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_NAME ? [['dot'], ['json']] : [['list']],
  use: {
    // Set by global set-up before a test file is read.
    baseURL: process.env.E2E_APP_URL ?? 'http://localhost:3000',
    // Recording slows every test, and Playwright discards the recordings of those that pass.
    trace: process.env.E2E_TRACE ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: findBrowser() ?? '', args: launchArgs() },
  },
  projects: [
    // Guarantees of the server over HTTP. Each file starts servers of its own.
    { name: 'server', testDir: 'e2e/server' },
    // Every page as every reader, at both widths.
    { name: 'walk', testMatch: 'walk.spec.ts', use: devices['Desktop Chrome'] },
    {
      name: 'desktop',
      testIgnore: ['server/**', 'walk.spec.ts'],
      use: { ...devices['Desktop Chrome'], viewport: { width: 1280, height: 800 } },
    },
    {
      name: 'mobile',
      // The other files test the same at any width.
      testIgnore: [
        'server/**',
        '{walk,keyboard,settings-actions,ways}.spec.ts',
        'connect-*.spec.ts',
        'pages-{hostile,policy,without-script}.spec.ts',
        '{api-reference,audit-log-live,audit-log-progress,complaints}.spec.ts',
      ],
      use: {
        ...devices['Desktop Chrome'],
        viewport: { width: 390, height: 844 },
        hasTouch: true,
        isMobile: true,
      },
    },
  ],
});
