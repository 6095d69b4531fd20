/**
 * Reads by the OpenAPI document what `every-answer.db.test.ts` doesn't provoke: the further forms of a success. Redis
 * isn't running, so readiness reports the failure.
 */
import { beforeAll, expect, it } from 'vitest';
import { drain, forgetDrain } from '@/lib/server/drain';
import { connectedScene } from '@/lib/testing/test-scene';
import { startTestWorld } from '@/lib/testing/test-world';
import { answered, type Call, operationOf, parserOf } from './test-call';
import {
  CRON_SECRET,
  METRICS_TOKEN,
  newRule,
  type Tenant,
  validRequest,
  WORKLOAD_ISSUERS,
} from './test-requests';

const world = await startTestWorld({ CRON_SECRET, METRICS_TOKEN, WORKLOAD_ISSUERS });
const { github } = world;

let tenant: Tenant;

beforeAll(async () => {
  const { actor, ...scene } = await connectedScene(world, { account: 'acme', by: 'olivia' });
  tenant = { ...scene, owner: actor, github };
});

async function changed(id: string, change: Call): Promise<Call> {
  return { ...(await validRequest(operationOf(id), tenant)), ...change };
}

it('describes a mint of all repositories and of some', async () => {
  for (const id of ['mintTokenForService', 'mintTokenForUser']) {
    const all = await answered(201, id, await changed(id, { body: {} }));
    expect(all).not.toHaveProperty('repositories');
    const some = await answered(201, id, await changed(id, { body: { repositories: ['acme/api'] } }));
    expect(some).toHaveProperty('repositories');
  }
});

it('describes each page of a list, and its last', async () => {
  for (let n = 0; n < 2; n++) await newRule(tenant);
  const lists = ['listRepositories', 'listReadableRepositories', 'listApiKeys', 'listTrustRules'];
  for (const id of [...lists, 'listAuditEvents']) {
    const first = await answered(200, id, await changed(id, { query: '?limit=1' }));
    const { next_cursor: cursor } = first as { next_cursor: string };
    await answered(200, id, await changed(id, { query: `?limit=100&cursor=${encodeURIComponent(cursor)}` }));
  }
});

it('describes the exports', async () => {
  for (const format of ['csv', 'ndjson'])
    await answered(200, 'listAuditEvents', await changed('listAuditEvents', { query: `?format=${format}` }));
});

it('describes the problem of a body that is not JSON', async () => {
  await answered(400, 'mintTokenForService', await changed('mintTokenForService', { body: '{' }));
});

it('describes a process that is not ready, and one that stops', async () => {
  expect(await answered(503, 'ready', {})).toMatchObject({
    status: 'unavailable',
    checks: { database: 'ok', redis: 'failed', key: 'ok' },
  });
  forgetDrain();
  await drain();
  expect(await answered(503, 'ready', {})).toMatchObject({ status: 'stopping' });
  forgetDrain();
});

it('notices a field that the document lacks, and one that the response lacks', async () => {
  const { data } = (await answered(200, 'listInstallations', await changed('listInstallations', {}))) as {
    data: object[];
  };
  const installation = parserOf({ $ref: '#/components/schemas/Installation' });
  expect(installation.safeParse(data[0]).success).toBe(true);
  expect(installation.safeParse({ ...data[0], secret: 1 }).success).toBe(false);
  expect(
    installation.safeParse({ ...data[0], account: { ...Object(data[0]).account, secret: 1 } }).success,
  ).toBe(false);
  expect(installation.safeParse({ ...data[0], id: undefined }).success).toBe(false);
});
