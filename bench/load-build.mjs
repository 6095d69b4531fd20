/**
 * Loads the code of the production build that a start needs until it is ready, without starting anything. A process of its own, without
 * a loader for TypeScript, which would slow down each `require`. Prints how long it took.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { FIRST_ENTRIES } from '../lib/server/first-entries.mjs';

const require = createRequire(path.resolve('package.json'));
require('next/dist/server/node-environment');
require('next/dist/server/require-hook');
require('next/dist/server/next-server');
const { loadComponents } = require('next/dist/server/load-components');

const distDir = path.resolve('.next');
const started = performance.now();
const before = process.cpuUsage();
require(path.join(distDir, 'server/instrumentation.js'));
require(path.join(distDir, 'server/middleware.js'));
for (const page of FIRST_ENTRIES) await loadPage(page);
const { user, system } = process.cpuUsage(before);
process.stdout.write(JSON.stringify({ readyMs: performance.now() - started, cpuMs: (user + system) / 1000 }));
process.exit();

/** @param {string} page */
async function loadPage(page) {
  const { ComponentMod } = await loadComponents({
    distDir,
    page,
    isAppPath: true,
    isDev: false,
    sriEnabled: false,
    needsManifestsForLegacyReasons: false,
  });
  ComponentMod.patchFetch?.();
  await ComponentMod.routeModule.ensureUserland();
}
