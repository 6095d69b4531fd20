import { defineConfig, devices } from '@playwright/test';
import { findBrowser, launchArgs } from './local/clients/browser';

/**
 * The journeys run against the production build, which global set-up starts with a PostgreSQL, a store and a
 * GitHub of its own. `e2e/fixtures.ts` hands the tests what they need of them.
 */
export default defineConfig({
  testDir: 'e2e',
  globalSetup: './local/test/browser-services.ts',
  // One app, one GitHub: the tests of a file build on each other, and files share the state.
  workers: 1,
  fullyParallel: false,
  // No test asserts how long something takes: a busy machine must not fail one.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_NAME ? [['dot'], ['json']] : [['list']],
  use: {
    // Set by the global set-up before a test file is read.
    baseURL: process.env.E2E_APP_URL ?? 'http://localhost:3000',
    // Recording slows every test, and is thrown away for those that pass.
    trace: process.env.E2E_TRACE ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: findBrowser() ?? '', args: launchArgs() },
  },
  projects: [
    // Guarantees of the server, over HTTP, each file with servers of its own.
    { name: 'server', testDir: 'e2e/server' },
    // Every page as every reader; it looks at both widths by itself.
    { name: 'walk', testMatch: 'walk.spec.ts', use: devices['Desktop Chrome'] },
    {
      name: 'desktop',
      testIgnore: ['server/**', 'walk.spec.ts'],
      use: { ...devices['Desktop Chrome'], viewport: { width: 1280, height: 800 } },
    },
    {
      name: 'mobile',
      // The others are the same at any width.
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
