/** Calls the routes for services with identity tokens, over HTTP as far as a route bypasses Next. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NextRequest } from 'next/server';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { makeWorkspace, readAudit, TEST_ORIGIN } from '@/lib/auth/test-fixtures';
import type { CreateTrustRule, TrustRule } from '@/lib/contract/trust-rules';
import { getDb } from '@/lib/db/client';
import { forgetGitHub } from '@/lib/github/client';
import { hashToken } from '@/lib/github/tokens';
import { answerDirectly } from '@/lib/http/direct';
import { clearWorld, connectedScene, type Scene } from '@/lib/testing/test-scene';
import { startTestWorld } from '@/lib/testing/test-world';
import { createTrustRule, revokeTrustRule, updateTrustRule } from '@/lib/workload/manage-rules';
import { startTestIssuer } from '@/lib/workload/test-issuer';
import { GET as listRepositories } from './repositories/route';
import { POST as revoke } from './token/revoke/route';
import { POST as mint } from './token/route';

const ORIGIN = 'http://localhost:3000';
const issuer = await startTestIssuer(ORIGIN);
afterAll(() => issuer.stop());
const world = await startTestWorld({
  WORKLOAD_ISSUERS: issuer.url,
  RATE_LIMIT_INTERNAL_PER_MINUTE: '1000',
  RATE_LIMIT_USER_PER_MINUTE: '1000',
});
const { github } = world;
const MINT = 'POST /app/installations/{installation_id}/access_tokens';
const REVOKE = 'DELETE /installation/token';

const server = createServer((incoming, outgoing) => {
  if (!answerDirectly(incoming, outgoing)) outgoing.writeHead(404).end();
}).listen(0, '127.0.0.1');
await once(server, 'listening');
afterAll(() => server.close());

let scene: Scene;
beforeEach(async () => {
  await clearWorld(world);
  forgetGitHub();
  scene = await connectedScene(world, {
    account: 'acme',
    by: 'olivia',
    repositories: ['acme/api', 'acme/web'],
  });
});

const SUBJECTS = {
  'GitHub Actions': 'repo:acme/api:ref:refs/heads/main',
  Kubernetes: 'system:serviceaccount:engine:analysis',
} as const;

const SIGN = {
  'GitHub Actions': () => issuer.signGitHubActions({ repository: 'acme/api' }),
  Kubernetes: () => issuer.signKubernetes({ namespace: 'engine', serviceAccount: 'analysis' }),
} as const;

type Tenant = Pick<Scene, 'workspaceId' | 'actor'>;

const by = ({ workspaceId, actor }: Tenant) => ({ workspaceId, actor, origin: TEST_ORIGIN });

const trust = (wanted: Partial<CreateTrustRule> = {}, tenant: Tenant = scene): Promise<TrustRule> =>
  createTrustRule(by(tenant), {
    name: 'ci',
    issuer: issuer.url,
    subject: SUBJECTS['GitHub Actions'],
    ...wanted,
  });

type Sent = { token: string; workspace?: string | null; body?: unknown };

const headersOf = ({ token, workspace = scene.slug }: Sent): Record<string, string> => ({
  authorization: `Bearer ${token}`,
  'x-forwarded-for': '192.0.2.60',
  ...(workspace !== null && { 'x-workspace': workspace }),
});

function request(path: string, sent: Sent): NextRequest {
  const init = {
    headers: { ...headersOf(sent), 'content-type': 'application/json' },
    ...(sent.body !== undefined && { method: 'POST', body: JSON.stringify(sent.body) }),
  };
  return new NextRequest(`${ORIGIN}/api/v1/internal/github/${path}`, init);
}

const NO_PARAMETERS = { params: Promise.resolve({}) };

const ROUTES = {
  mint: (sent: Sent) => mint(request('token', { body: {}, ...sent }), NO_PARAMETERS),
  list: (sent: Sent) => listRepositories(request('repositories', sent), NO_PARAMETERS),
  revoke: (sent: Sent) =>
    revoke(request('token/revoke', { body: { token: 'ghs_x' }, ...sent }), NO_PARAMETERS),
} as const;

/** Returns the audit events of workloads, in order. */
const workloadEvents = (workspaceId = scene.workspaceId) =>
  getDb().auditEvent.findMany({ where: { workspaceId, actorType: 'workload' }, orderBy: { seq: 'asc' } });

const mintsAtGitHub = () => github.requests.filter({ route: MINT });

/** Mints over HTTP, on the path that bypasses Next. */
async function mintDirectly(sent: Sent): Promise<{ status: number; body: Record<string, unknown> }> {
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/internal/github/token`, {
    method: 'POST',
    headers: { ...headersOf(sent), 'content-type': 'application/json' },
    body: JSON.stringify(sent.body ?? {}),
  });
  return { status: response.status, body: await response.json() };
}

async function expectRefused(response: Response): Promise<void> {
  const { request_id: _, ...body } = await response.json();
  const withoutCredential = await listRepositories(
    new NextRequest(`${ORIGIN}/api/v1/internal/github/repositories`, {
      headers: { 'x-forwarded-for': '192.0.2.60' },
    }),
    NO_PARAMETERS,
  );
  const { request_id: __, ...known } = await withoutCredential.json();
  expect([response.status, body]).toEqual([401, known]);
}

describe.each(['GitHub Actions', 'Kubernetes'] as const)('one token of %s', (platform) => {
  it('mints, lists and revokes for the workspace whose rule it matches', async () => {
    const rule = await trust({ subject: SUBJECTS[platform], repositories: ['acme/api'] });
    const token = await SIGN[platform]();
    const minted = await ROUTES.mint({ token });
    expect(minted.status).toBe(201);
    const answer = await minted.json();
    expect(answer.repositories).toMatchObject([{ full_name: 'acme/api' }]);
    const listed = await (await ROUTES.list({ token })).json();
    expect(listed.data.map((each: { full_name: string }) => each.full_name)).toEqual(['acme/api']);
    expect((await ROUTES.revoke({ token, body: { token: answer.token } })).status).toBe(204);
    expect(github.requests.filter({ route: REVOKE, status: 204 })).toHaveLength(1);

    const workload = {
      issuer: issuer.url,
      subject: SUBJECTS[platform],
      rule: { id: rule.id, name: 'ci', revision: 0 },
    };
    const row = { actorId: rule.id, actorLabel: SUBJECTS[platform], clientIp: '192.0.2.60' };
    const details = { workload, hashed_token: hashToken(answer.token) };
    expect(await workloadEvents()).toMatchObject([
      { ...row, type: 'github.token_minted', details },
      { ...row, type: 'github.token_revoked', details },
    ]);
    expect(JSON.stringify(await readAudit(scene.workspaceId))).not.toContain(token.split('.')[2]);
  });
});

describe('an identity token', () => {
  it('mints once, on the path that bypasses Next too', async () => {
    await trust();
    const token = await SIGN['GitHub Actions']();
    expect(await mintDirectly({ token })).toMatchObject({
      status: 201,
      body: { account: { login: 'acme' } },
    });
    expect(await mintDirectly({ token })).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    await expectRefused(await ROUTES.mint({ token }));
    expect(mintsAtGitHub()).toHaveLength(1);
    expect((await ROUTES.list({ token })).status).toBe(200);
  });

  it('mints once even if it is presented by many requests concurrently', async () => {
    await trust();
    const token = await SIGN['GitHub Actions']();
    const answers = await Promise.all(Array.from({ length: 6 }, () => mintDirectly({ token })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 401, 401, 401, 401, 401]);
    expect(mintsAtGitHub()).toHaveLength(1);
  });

  it('mints until it expires if a Kubernetes pod holds it', async () => {
    await trust({ subject: SUBJECTS.Kubernetes });
    const token = await SIGN.Kubernetes();
    const answers = await Promise.all([1, 2, 3].map(() => mintDirectly({ token })));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
  });

  it('mints for no other repository than its rule grants, and the refusal is an event', async () => {
    const { id } = await trust({ repositories: ['acme/web'] });
    const refused = await ROUTES.mint({
      token: await SIGN['GitHub Actions'](),
      body: { repositories: ['acme/api'] },
    });
    expect([refused.status, (await refused.json()).code]).toEqual([422, 'repository_not_accessible']);
    expect(mintsAtGitHub()).toEqual([]);
    expect(await workloadEvents()).toMatchObject([
      {
        type: 'github.token_denied',
        actorId: id,
        details: { workload: { issuer: issuer.url, rule: { id } } },
      },
    ]);
  });

  it.each([
    ['is signed by another key', async (token: string) => `${token.slice(0, -8)}AAAAAAAA`],
    ['has no signature', async (token: string) => token.replace(/[^.]*$/, '')],
    ['has no rule', () => issuer.signGitHubActions({ repository: 'acme/web' })],
    [
      'is for another audience',
      () => issuer.signGitHubActions({ repository: 'acme/api' }, { aud: 'https://x.test' }),
    ],
    ['is larger than 16 kB', (token: string) => Promise.resolve(`${token}${'A'.repeat(16_384)}`)],
  ])('is refused by every route as a missing one is, if it %s', async (_, change) => {
    await trust();
    for (const call of Object.values(ROUTES))
      await expectRefused(await call({ token: await change(await SIGN['GitHub Actions']()) }));
    expect(mintsAtGitHub()).toEqual([]);
  });

  it('is refused by every route once its rule is revoked, or has claims that it lacks', async () => {
    const rule = await trust();
    const token = await SIGN['GitHub Actions']();
    expect((await ROUTES.list({ token })).status).toBe(200);
    await updateTrustRule(by(scene), rule.id, { claims: { environment: 'prod' } });
    for (const call of Object.values(ROUTES)) await expectRefused(await call({ token }));
    await updateTrustRule(by(scene), rule.id, { claims: {} });
    expect((await ROUTES.list({ token })).status).toBe(200);
    await revokeTrustRule(by(scene), rule.id);
    for (const call of Object.values(ROUTES)) await expectRefused(await call({ token }));
  });
});

describe('a rule of another workspace for the same subject', () => {
  let globex: Tenant & { slug: string };
  beforeEach(async () => {
    const { id, slug, people } = await makeWorkspace('admin');
    const [actor] = people;
    if (actor === undefined) throw new Error('no admin');
    globex = { workspaceId: id, slug, actor };
  });

  it('never serves a request that names its own workspace', async () => {
    const { id } = await trust();
    await trust({}, globex);
    const { status } = await ROUTES.mint({ token: await SIGN['GitHub Actions']() });
    expect(status).toBe(201);
    expect(await workloadEvents()).toMatchObject([{ type: 'github.token_minted', actorId: id }]);
    expect(await workloadEvents(globex.workspaceId)).toEqual([]);
  });

  it('gives nothing to a request that names a workspace without a rule', async () => {
    await trust({}, globex);
    const token = await SIGN['GitHub Actions']();
    for (const workspace of [scene.slug, 'no-such-workspace', ''])
      for (const call of Object.values(ROUTES)) await expectRefused(await call({ token, workspace }));
    expect((await ROUTES.list({ token, workspace: globex.slug })).status).toBe(200);
  });

  it('makes a request without X-Workspace name its workspace, and does not use the token up', async () => {
    await trust();
    await trust({}, globex);
    const token = await SIGN['GitHub Actions']();
    for (const call of [...Object.values(ROUTES), ROUTES.mint]) {
      const refused = await call({ token, workspace: null });
      expect([refused.status, await refused.json()]).toMatchObject([
        400,
        { code: 'invalid_request', errors: [{ path: 'X-Workspace' }] },
      ]);
    }
    expect((await mintDirectly({ token, workspace: null })).status).toBe(400);
    expect((await mintDirectly({ token })).status).toBe(201);
  });
});
