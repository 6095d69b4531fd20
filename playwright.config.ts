import { defineConfig, devices } from '@playwright/test';
import { findBrowser, launchArgs } from './local/clients/browser';

const IMAGES = ['image.spec.ts', 'compose.spec.ts'];

/**
 * Runs browser tests against the production build. The global setup starts the app with PostgreSQL, a rate-limit store
 * and an offline GitHub, which tests reach through `e2e/fixtures.ts`.
 */
export default defineConfig({
  testDir: 'e2e',
  globalSetup: './local/test/browser-services.ts',
  // The tests in a file build on one another, and all files share one app and one GitHub.
  workers: 1,
  fullyParallel: false,
  // No test asserts a duration, and these limits are generous, so a slow machine can't make a test fail.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_NAME ? [['dot'], ['json']] : [['list']],
  use: {
    // The global setup sets this variable before Playwright reads the test files.
    baseURL: process.env.E2E_APP_URL ?? 'http://localhost:3000',
    // Off by default, because recording slows down every test and recordings of passing tests are discarded anyway.
    trace: process.env.E2E_TRACE ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: findBrowser({ shell: true }) ?? '', args: launchArgs() },
  },
  projects: [
    // Tests of the server over HTTP. Each file starts its own servers.
    { name: 'server', testDir: 'e2e/server', testIgnore: IMAGES },
    // Runs what operators run: an image, and the services of compose.yaml. This takes long, and needs nothing that the
    // other tests of the server start.
    { name: 'image', testDir: 'e2e/server', testMatch: IMAGES },
    // Visits every page as every kind of user, at both widths.
    { name: 'walk', testMatch: 'walk.spec.ts', use: devices['Desktop Chrome'] },
    {
      name: 'desktop',
      testIgnore: ['server/**', 'walk.spec.ts'],
      use: { ...devices['Desktop Chrome'], viewport: { width: 1280, height: 800 } },
    },
    {
      name: 'mobile',
      // The other tests don't depend on the width, and the walk opens every page at both widths.
      grep: /@narrow/,
      testIgnore: 'server/**',
      use: {
        ...devices['Desktop Chrome'],
        viewport: { width: 390, height: 844 },
        hasTouch: true,
        isMobile: true,
      },
    },
  ],
});
