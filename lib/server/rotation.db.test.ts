/**
 * Rotates the secrets that the app shares with GitHub, users and services as docs/operations.md describes, while requests
 * arrive concurrently, and checks that no request is refused.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { encode } from 'next-auth/jwt';
import { generatePrivateKey } from 'offline-github';
import { expect, it, onTestFinished, vi } from 'vitest';
import { POST as receiveWebhook } from '../../app/api/github/webhooks/route';
import { POST as reconcileNow } from '../../app/api/internal/reconcile/route';
import { GET as readMetrics } from '../../app/api/metrics/route';
import { POST as mintForUser } from '../../app/api/v1/workspaces/[workspace]/github/token/route';
import { startLocalKms } from '../../local/services/kms';
import { createApiKey, revokeApiKey, rotateApiKey } from '../api-keys/manage';
import { TEST_ORIGIN } from '../auth/test-fixtures';
import { getConfig } from '../config';
import { query, sql } from '../db/sql';
import { authorizeUrl, createOAuthState, withGitHubUser } from '../github/user-oauth';
import { metrics } from '../observability/metrics';
import { authorize } from '../testing/test-world';
import { inTurn, mintWith, request, startRotatedApp, underLoad } from './test-rotation';

const NO_PARAMS = { params: Promise.resolve(undefined) };

const { world, scene, mint, update, readOnce } = await startRotatedApp();
const { github } = world;

it('rotates the App key in PEM without a refused request', async () => {
  const old = github.actions.addAppKey();
  expect(await update({ GITHUB_APP_PRIVATE_KEY: old.pem })).toEqual(['key']);
  const statuses = await underLoad(mint, async () => {
    const { pem } = github.actions.addAppKey();
    expect(await update({ GITHUB_APP_PRIVATE_KEY: `${pem}\n${old.pem}` })).toEqual(['key']);
    await mint();
    github.actions.removeAppKey({ fingerprint: old.fingerprint });
    await mint();
    expect(await update({ GITHUB_APP_PRIVATE_KEY: pem })).toEqual(['key']);
  });
  expect(statuses).toEqual([201]);
});

it('rotates the App key in a file of its own without a refused request', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pulsestream-key-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'key.pem');
  const [old, next] = [github.actions.addAppKey(), github.actions.addAppKey()];
  writeFileSync(file, old.pem);
  vi.stubEnv('GITHUB_APP_PRIVATE_KEY_FILE', file);
  expect(await update({ GITHUB_APP_PRIVATE_KEY: undefined })).toEqual(['key']);
  const statuses = await underLoad(mint, async () => {
    writeFileSync(file, `${next.pem}\n${old.pem}`);
    expect(await update({})).toEqual(['key']);
    await mint();
    github.actions.removeAppKey({ fingerprint: old.fingerprint });
    await mint();
    writeFileSync(file, next.pem);
    expect(await update({})).toEqual(['key']);
  });
  expect(statuses).toEqual([201]);
  vi.stubEnv('GITHUB_APP_PRIVATE_KEY_FILE', '');
  await update({ GITHUB_APP_PRIVATE_KEY: next.pem });
});

it('uses a changed file only once two readings agree, because the first may have met a half-written one', async () => {
  const before = getConfig();
  const [half, whole] = [randomUUID(), randomUUID()];
  expect(await readOnce({ CRON_SECRET: half })).toEqual([]);
  expect(await readOnce({ CRON_SECRET: whole })).toEqual([]);
  expect(getConfig()).toBe(before);
  expect(await readOnce({})).toEqual(['other']);
  expect(getConfig().cronSecrets).toEqual([whole]);
});

it('keeps the old App key if GitHub accepts none of the new ones', async () => {
  const statuses = await underLoad(mint, async () => {
    expect(await update({ GITHUB_APP_PRIVATE_KEY: generatePrivateKey() })).toEqual([]);
    expect(await metrics.secretsRefused.get()).toMatchObject({ values: [{ value: 1 }] });
  });
  expect(statuses).toEqual([201]);
});

it('rotates the App key in KMS without a refused request, also from PEM to KMS', async () => {
  const [old, next] = [github.actions.addAppKey(), github.actions.addAppKey()];
  const kms = await startLocalKms({ 'alias/old': old.pem, 'alias/new': next.pem });
  onTestFinished(() => kms.close());
  for (const [name, value] of Object.entries(kms.environment)) vi.stubEnv(name, value);
  const signWith = (ids: string) => update({ GITHUB_APP_PRIVATE_KEY: undefined, GITHUB_APP_KMS_KEY_ID: ids });
  const statuses = await underLoad(mint, async () => {
    expect(await signWith('alias/old')).toEqual(['key']);
    expect(await signWith('alias/new,alias/old')).toEqual(['key']);
    await mint();
    github.actions.removeAppKey({ fingerprint: old.fingerprint });
    await mint();
    expect(await signWith('alias/unknown')).toEqual([]);
    expect(await signWith('alias/new')).toEqual(['key']);
  });
  expect(statuses).toEqual([201]);
  expect(kms.requests.filter(({ body }) => body.KeyId === 'alias/new').length).toBeGreaterThan(0);
  const known = sql`SELECT FROM app_keys WHERE fingerprint LIKE 'KMS:%'`;
  await expect.poll(() => query('work', known)).toHaveLength(2);
});

it('rotates the client secret of the App without a refused authorization', async () => {
  const old = github.app.clientSecret;
  const next = randomUUID();
  const proveUser = async () => {
    const state = createOAuthState();
    const { code = '' } = await authorize(github, 'olivia', authorizeUrl(state));
    return withGitHubUser(code, state, async ({ login }) => ({ status: login === 'olivia' ? 200 : 500 }));
  };
  const statuses = await underLoad(proveUser, async () => {
    expect(await update({ GITHUB_APP_CLIENT_SECRET: next })).toEqual([]);
    github.configureApp({ clientSecret: next, secondClientSecret: old });
    expect(await update({})).toEqual(['client']);
  });
  expect(statuses).toEqual([200]);
  github.configureApp({ secondClientSecret: undefined });
  expect(await proveUser()).toEqual({ status: 200 });
});

it('rotates the webhook secret without a refused delivery', async () => {
  const old = github.app.webhookSecret;
  let signedWith = old;
  const deliver = () => {
    const body = JSON.stringify({ zen: 'Keep it logically awesome.' });
    const signature = createHmac('sha256', signedWith).update(body).digest('hex');
    const headers = {
      'content-type': 'application/json',
      'x-github-event': 'ping',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${signature}`,
    };
    return receiveWebhook(request('/api/github/webhooks', headers, { body }), NO_PARAMS);
  };
  const next = randomUUID();
  const statuses = await underLoad(deliver, async () => {
    const both = { GITHUB_WEBHOOK_SECRET: next, GITHUB_WEBHOOK_SECRET_PREVIOUS: old };
    expect(await update(both)).toEqual(['other']);
    signedWith = next;
  });
  expect(statuses).toEqual([202]);
  expect(await update({ GITHUB_WEBHOOK_SECRET_PREVIOUS: '' })).toEqual(['other']);
  expect((await deliver()).status).toBe(202);
  signedWith = old;
  expect((await deliver()).status).toBe(401);
  github.configureApp({ webhookSecret: next });
});

it('rotates NEXTAUTH_SECRET without a refused session', async () => {
  const old = getConfig().auth.secret;
  const { slug, actor } = scene();
  const sessionOf = (secret: string) => encode({ token: { sub: actor.id }, secret });
  const next = randomUUID();
  const sessions = [await sessionOf(old)];
  const session = inTurn(sessions);
  const mintAsUser = () =>
    mintForUser(
      request(`/api/v1/workspaces/${slug}/github/token`, { authorization: `Bearer ${session()}` }),
      { params: Promise.resolve({ workspace: slug }) },
    );
  const statuses = await underLoad(mintAsUser, async () => {
    expect(await update({ NEXTAUTH_SECRET: next, NEXTAUTH_SECRET_PREVIOUS: old })).toEqual(['other']);
    sessions.push(await sessionOf(next));
  });
  expect(statuses).toEqual([201]);
  expect(await update({ NEXTAUTH_SECRET_PREVIOUS: '' })).toEqual(['other']);
  sessions.pop();
  expect((await mintAsUser()).status).toBe(401);
});

const withMetricsToken = (authorization: string) =>
  readMetrics(request('/api/metrics', { authorization }, { method: 'GET' }), NO_PARAMS);
const withCronSecret = (authorization: string) =>
  reconcileNow(request('/api/internal/reconcile', { authorization }), NO_PARAMS);

it.each([
  ['METRICS_TOKEN', withMetricsToken],
  ['CRON_SECRET', withCronSecret],
])('rotates %s without a refused request', async (name, send) => {
  const [old, next] = [randomUUID(), randomUUID()];
  expect(await update({ [name]: old })).toEqual(['other']);
  const tokens = [old];
  const token = inTurn(tokens);
  const sendNext = () => send(`Bearer ${token()}`);
  const statuses = await underLoad(sendNext, async () => {
    expect(await update({ [name]: next, [`${name}_PREVIOUS`]: old })).toEqual(['other']);
    tokens.push(next);
  });
  expect(statuses).toEqual([200]);
  expect(await update({ [`${name}_PREVIOUS`]: '' })).toEqual(['other']);
  tokens.shift();
  expect((await sendNext()).status).toBe(200);
  tokens[0] = old;
  expect((await sendNext()).status).toBe(401);
});

it('rotates an API key without a refused request', async () => {
  const by = { workspaceId: scene().workspaceId, actor: scene().actor, origin: TEST_ORIGIN };
  const old = await createApiKey(by, { name: 'rotated' });
  const keys = [old.key];
  const key = inTurn(keys);
  const statuses = await underLoad(
    () => mintWith(key()),
    async () => {
      const successor = await rotateApiKey(by, old.id, { overlap: 86_400_000 });
      keys.push(successor.key);
    },
  );
  expect(statuses).toEqual([201]);
  keys.shift();
  await revokeApiKey(by, old.id);
  expect((await mintWith(key())).status).toBe(201);
  expect((await mintWith(old.key)).status).toBe(401);
});
