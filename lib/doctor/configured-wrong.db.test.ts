/** Starts with a configuration that is valid but wrong for its environment. */
import { generatePrivateKey } from 'offline-github';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { startLocalKms } from '../../local/services/kms';
import { testPrivateKey } from '../../local/test/private-key';
import { makeWorkspace } from '../auth/test-fixtures';
import { execute, sql } from '../db/sql';
import { rememberKeysInUse } from '../server/remember-keys';
import { startTestWorld } from '../testing/test-world';
import { findingOf } from './test-findings';

const kms = await startLocalKms({ 'alias/app': testPrivateKey(), 'alias/old': generatePrivateKey() });
afterAll(() => kms.close());
await startTestWorld({
  NEXTAUTH_URL: 'https://pulsestream.invalid',
  EGRESS_ADDRESSES: '203.0.113.7, 10.0.0.0/8',
  GITHUB_WEBHOOK_SECRET_PREVIOUS: 'the previous webhook secret',
  GITHUB_APP_PRIVATE_KEY: '',
  GITHUB_APP_KMS_KEY_ID: 'alias/old, alias/app',
});

beforeEach(() => {
  for (const [name, value] of Object.entries(kms.environment)) vi.stubEnv(name, value);
});

it('turns origin red by a name that leads nowhere, and does not ask it for readiness', async () => {
  expect(await findingOf('origin')).toMatchObject({
    status: 'fail',
    found: expect.stringMatching(/pulsestream\.invalid.* does not answer/),
  });
  expect(await findingOf('origin-ready')).toMatchObject({
    status: 'warn',
    found: expect.stringContaining('Not checked'),
  });
});

it('turns webhook-ping red by an origin that does not answer', async () => {
  expect(await findingOf('webhook-ping')).toMatchObject({
    status: 'fail',
    found: expect.stringContaining('did not arrive'),
  });
});

it('turns egress-addresses red by a private network', async () => {
  expect(await findingOf('egress-addresses')).toMatchObject({
    status: 'fail',
    found: expect.stringContaining('10.0.0.0/8'),
  });
});

it('notices a rotation of the webhook secret that has not ended', async () => {
  expect(await findingOf('webhook-secret')).toMatchObject({
    status: 'warn',
    todo: expect.stringContaining('GITHUB_WEBHOOK_SECRET_PREVIOUS'),
  });
});

it('notices a key in KMS that GitHub does not list', async () => {
  expect(await findingOf('key')).toMatchObject({
    found: expect.stringMatching(/^KMS signs, in \d+ and \d+ ms/),
  });
  expect(await findingOf('key-rotation')).toMatchObject({
    status: 'warn',
    found: 'GitHub refuses key 1 of 2.',
  });
});

it('tells the age of a key in KMS by its ARN, which it gets with a signature', async () => {
  await rememberKeysInUse();
  expect(await findingOf('key-age')).toMatchObject({
    status: 'ok',
    found: expect.stringMatching(/^The key KMS:\S{44} has been in use here since/),
  });
  expect(new Set(kms.requests.map(({ target }) => target))).toEqual(new Set(['TrentService.Sign']));
});

it('turns key red when KMS does not sign', async () => {
  kms.failNext(2);
  expect(await findingOf('key')).toMatchObject({
    status: 'fail',
    found: expect.stringContaining('Key 1 of 2 in KMS does not sign'),
    todo: expect.stringContaining('kms:Sign'),
  });
});

it('turns proxy-hops red when only private addresses are in the audit log', async () => {
  const { id } = await makeWorkspace();
  const addRequests = (address: string) =>
    execute(
      'work',
      sql`INSERT INTO audit_events
          (workspace_id, type, actor_type, actor_id, actor_label, client_ip, request_id, details)
        SELECT ${id}::uuid, 'x', 'system', 'x', 'x', ${address}::inet, 'x', '{}' FROM generate_series(1, 20)`,
    );
  await addRequests('10.1.2.3');
  expect(await findingOf('proxy-hops')).toMatchObject({
    status: 'warn',
    found: 'TRUSTED_PROXY_HOPS is 0, and the last 20 requests come from 10.1.2.3, none of them public.',
  });
  await addRequests('140.82.112.3');
  expect(await findingOf('proxy-hops')).toMatchObject({ status: 'ok' });
});
