/**
 * Sends generated payloads, both valid and malformed, which are the same in every run. `PAYLOADS_SEED=…` sends
 * different payloads.
 */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { getDb } from '../db/client';
import { log } from '../observability/log';
import { clearWorld, connectedScene, signedDelivery } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { receiveDelivery } from './receive';
import { generate, publishedPayloads, seededRandom } from './test-payloads';

const world = await startTestWorld();
const { github } = world;
const SEED = Number(process.env.PAYLOADS_SEED ?? 20261129);
const RUNS = 150;
const TIME_LIMIT_MS = 20_000;

const published = publishedPayloads();
const acted = published.filter(({ event }) => /^(installation|repository$)/.test(event));
const ODD: unknown[] = [
  null,
  [],
  {},
  '',
  'x',
  'a\u0000b',
  'x'.repeat(10_000),
  -1,
  0,
  1.5,
  2 ** 53,
  2 ** 60,
  true,
  [null],
  { id: '1' },
  undefined,
];

it('accepts every signed payload, valid or malformed, without widening access', async () => {
  console.info(`generated payloads: PAYLOADS_SEED=${SEED}`);
  await clearWorld(world);
  const scene = await connectedScene(world, {
    account: 'acme',
    by: 'olivia',
    repositories: ['acme/api', 'acme/web'],
  });
  const warn = vi.spyOn(log, 'warn');
  const readable = async () => {
    const rows = await getDb().repository.findMany({
      where: { removedAt: null, installation: { status: 'active', workspaceId: { not: null } } },
    });
    return rows.map(({ installationId, id }) => `${installationId}:${id}`);
  };
  const before = new Set(await readable());
  expect(before.size).toBe(2);
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.boolean(), fc.nat({ max: 2 }), async (seed, isActed, spoiled) => {
      const random = seededRandom(seed);
      const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)];
      const { event, schema } = pick(isActed ? acted : published) ??
        published[0] ?? { event: '', schema: {} };
      const payload = generate(schema, random) as Record<string, unknown>;
      if (random() < 0.3) payload.installation = { id: scene.installationId, account: null };
      for (let n = 0; n < spoiled; n++) payload[pick(Object.keys(payload)) ?? 'action'] = pick(ODD);
      if (random() < 0.3) payload.tomorrow = { id: 2 ** 60, name: ['x'] };
      if (random() < 0.1) payload.action = 'an_action_of_tomorrow';
      const received = await receiveDelivery(signedDelivery(github, event, payload, { guid: randomUUID() }));
      expect(['handled', 'ignored', 'duplicate']).toContain(received.outcome);
      for (const each of await readable()) expect(before).toContain(each);
      const stored = await getDb().installation.findUniqueOrThrow({ where: { id: scene.installationId } });
      expect(stored.status).not.toBe('deleted');
    }),
    {
      seed: SEED,
      numRuns: RUNS,
      interruptAfterTimeLimit: TIME_LIMIT_MS,
      markInterruptAsFailure: false,
      endOnFailure: true,
    },
  );
  // The log must contain invalid fields' paths, but never their values.
  const named = warn.mock.calls.flatMap(([fields]) => (fields as unknown as { odd?: string[] }).odd ?? []);
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((path) => !/^[a-z_.0-9()]+$/.test(path))).toEqual([]);
  warn.mockRestore();
}, 300_000);
