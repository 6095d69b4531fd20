/** Tests that concurrent checks of uninstalls share `GET /app`, but never an answer that is older than their 404. */
import { beforeEach, expect, it } from 'vitest';
import { isInstallationShown } from '../github/app-info';
import { clearWorld } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';

const world = await startTestWorld();
const { github } = world;

const APP = 'GET /app';
const ROUTE = 'GET /app/installations/{installation_id}';
const BURST = 20;

beforeEach(() => clearWorld(world));

const asked = (route: string) => github.requests.filter({ route });

it('never accepts an answer of GET /app that was requested before the 404', async () => {
  const held = github.knobs.holdNextAnswer(APP);
  const first = isInstallationShown(4_711);
  await held.arrived;
  // The first request is still pending, so an answer to the second can only come from a new one.
  expect(await isInstallationShown(4_712)).toBe(false);
  expect(asked(APP)).toHaveLength(2);
  held.release();
  expect(await first).toBe(false);
});

it('asks for the App less often than for installations if many uninstalls arrive in a burst', async () => {
  const shown = await Promise.all(Array.from({ length: BURST }, (_, n) => isInstallationShown(4_711 + n)));
  expect(shown).toEqual(Array.from({ length: BURST }, () => false));
  expect(asked(ROUTE)).toHaveLength(BURST);
  expect(asked(APP).length).toBeLessThan(BURST);
});

it('lets each uninstall of a burst fail if GitHub does not recognise the App', async () => {
  github.knobs.failNext(APP, { kind: 'status', status: 404, message: 'Not Found' }, BURST);
  const results = await Promise.allSettled(
    Array.from({ length: BURST }, (_, n) => isInstallationShown(4_711 + n)),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toEqual([]);
});
