/**
 * Calls every route below /api/v1 with each kind of id from another workspace (F10 in docs/faults.md). The response
 * must be byte for byte the same as for an id that doesn't exist. The test fails if `CASES` lacks a route.
 */
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { NextRequest } from 'next/server';
import { encode } from 'next-auth/jwt';
import { afterEach, describe, expect, it } from 'vitest';
import { createApiKey } from '@/lib/api-keys/manage';
import { makeWorkloadActor, TEST_ISSUER, TEST_ORIGIN } from '@/lib/auth/test-fixtures';
import { getConfig } from '@/lib/config';
import { getDb } from '@/lib/db/client';
import { connectedScene, type Scene } from '@/lib/testing/test-scene';
import { startTestWorld } from '@/lib/testing/test-world';
import { mintToken } from '@/lib/token/mint';
import { createInvitation } from '@/lib/workspace/invitations';
import { newEvidenceKey } from '@/local/services/evidence-key';

const world = await startTestWorld({
  EVIDENCE_SIGNING_KEY: newEvidenceKey(),
  RATE_LIMIT_USER_PER_MINUTE: '100000',
  RATE_LIMIT_INTERNAL_PER_MINUTE: '100000',
  WORKLOAD_ISSUERS: TEST_ISSUER,
});

type Tenant = Scene & { key: string; ids: Record<Kind, string> };
/** The kinds of ids that belong to a single workspace. */
type Kind =
  | 'slug'
  | 'key'
  | 'rule'
  | 'member'
  | 'invitation'
  | 'installation'
  | 'repository'
  | 'fullName'
  | 'token';

async function makeTenant(account: string, by: string): Promise<Tenant> {
  const scene = await connectedScene(world, { account, by });
  const administration = { workspaceId: scene.workspaceId, actor: scene.actor, origin: TEST_ORIGIN };
  const created = await createApiKey(administration, { name: 'engine' });
  const rule = await makeWorkloadActor({ id: scene.workspaceId, slug: scene.slug });
  const { id: invitation } = await createInvitation(administration, `${randomUUID()}@x.test`, 'member');
  const repository = await getDb().repository.findFirstOrThrow({
    where: { installationId: scene.installationId },
  });
  const { token } = await mintToken({ ...administration, request: {} });
  const ids = {
    slug: scene.slug,
    key: created.id,
    rule: rule.id,
    member: scene.actor.id,
    invitation,
    installation: String(scene.installationId),
    repository: String(repository.id),
    fullName: `${repository.owner}/${repository.name}`,
    token,
  };
  return { ...scene, key: created.key, ids };
}

const victim = await makeTenant('acme', 'olivia');
const caller = await makeTenant('globex', 'eve');

/** Well-formed ids of things that don't exist. */
const ABSENT: Record<Kind, string> = {
  slug: 'w-no-such-workspace',
  key: randomUUID(),
  rule: randomUUID(),
  member: randomUUID(),
  invitation: randomUUID(),
  installation: '987654321',
  repository: '987654322',
  fullName: 'acme/no-such-repository',
  token: victim.ids.token.replace(/[A-Za-z0-9]{8}$/, 'AAAAAAAA'),
};

type Request = { params?: Record<string, string>; query?: Record<string, string>; body?: unknown };
type Case = {
  /** The path below `app/api/v1`, such as `workspaces/[workspace]/members/route.ts`. */
  route: string;
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT';
  as: 'user' | 'apiKey';
  /**
   * Each kind of id that the route accepts, with a function that builds a request for a given id. Empty if the route
   * takes no ids.
   */
  names: { kind: Kind; request: (id: string) => Request }[];
};

const own = { workspace: caller.slug };
const slug = (request: Request = {}) => ({
  kind: 'slug' as const,
  request: (workspace: string): Request => ({
    ...request,
    params: { id: '1', ...request.params, workspace },
  }),
});
const inPath = (kind: Kind, body?: unknown) => ({
  kind,
  request: (id: string): Request => ({ params: { ...own, id }, body }),
});
const inQuery = (kind: Kind, name: string) => ({
  kind,
  request: (id: string): Request => ({ params: own, query: { [name]: id } }),
});
const inBody = (kind: Kind, body: (id: string) => unknown) => ({
  kind,
  request: (id: string): Request => ({ params: own, body: body(id) }),
});
const inKey = (kind: Kind, body: (id: string) => unknown) => ({
  kind,
  request: (id: string): Request => ({ params: { ...own, id: caller.ids.key }, body: body(id) }),
});
const MINT_NAMES = [
  inBody('installation', (id) => ({ installation_id: Number(id) })),
  inBody('repository', (id) => ({ repositories: [Number(id)] })),
  inBody('fullName', (id) => ({ repositories: [id] })),
];

const RULE = { name: 'x', issuer: TEST_ISSUER, subject: 'engine' };
const W = 'workspaces/[workspace]';
const CASES: Case[] = [
  {
    route: `${W}/audit-events/route.ts`,
    method: 'GET',
    as: 'user',
    names: [slug(), inQuery('installation', 'installation_id'), inQuery('member', 'actor')],
  },
  { route: `${W}/audit-events/verify/route.ts`, method: 'GET', as: 'user', names: [slug()] },
  { route: `${W}/evidence-pack/route.ts`, method: 'GET', as: 'user', names: [slug()] },
  { route: `${W}/api-keys/route.ts`, method: 'GET', as: 'user', names: [slug()] },
  {
    route: `${W}/api-keys/route.ts`,
    method: 'POST',
    as: 'user',
    names: [
      slug({ body: { name: 'x' } }),
      inBody('repository', (id) => ({ name: 'x', repositories: [Number(id)] })),
      inBody('fullName', (id) => ({ name: 'x', repositories: [id] })),
    ],
  },
  {
    route: `${W}/api-keys/[id]/route.ts`,
    method: 'DELETE',
    as: 'user',
    names: [slug({ params: { id: victim.ids.key } }), inPath('key')],
  },
  {
    route: `${W}/api-keys/[id]/route.ts`,
    method: 'PATCH',
    as: 'user',
    names: [
      slug({ params: { id: victim.ids.key }, body: { name: 'x' } }),
      inPath('key', { name: 'x' }),
      inKey('repository', (id) => ({ repositories: [Number(id)] })),
      inKey('fullName', (id) => ({ repositories: [id] })),
    ],
  },
  {
    route: `${W}/api-keys/[id]/rotate/route.ts`,
    method: 'POST',
    as: 'user',
    names: [slug({ params: { id: victim.ids.key }, body: {} }), inPath('key', {})],
  },
  { route: `${W}/trust-rules/route.ts`, method: 'GET', as: 'user', names: [slug()] },
  {
    route: `${W}/trust-rules/route.ts`,
    method: 'POST',
    as: 'user',
    names: [
      slug({ body: RULE }),
      inBody('repository', (id) => ({ ...RULE, repositories: [Number(id)] })),
      inBody('fullName', (id) => ({ ...RULE, repositories: [id] })),
    ],
  },
  {
    route: `${W}/trust-rules/[id]/route.ts`,
    method: 'PATCH',
    as: 'user',
    names: [slug({ params: { id: victim.ids.rule }, body: { name: 'x' } }), inPath('rule', { name: 'x' })],
  },
  {
    route: `${W}/trust-rules/[id]/route.ts`,
    method: 'DELETE',
    as: 'user',
    names: [slug({ params: { id: victim.ids.rule } }), inPath('rule')],
  },
  { route: `${W}/route.ts`, method: 'GET', as: 'user', names: [slug()] },
  {
    route: `${W}/route.ts`,
    method: 'PATCH',
    as: 'user',
    names: [slug({ body: { api_keys_allowed: true } })],
  },
  { route: `${W}/members/route.ts`, method: 'GET', as: 'user', names: [slug()] },
  {
    route: `${W}/members/route.ts`,
    method: 'POST',
    as: 'user',
    names: [slug({ body: { email: 'x@x.test' } })],
  },
  {
    route: `${W}/members/[id]/route.ts`,
    method: 'PATCH',
    as: 'user',
    names: [
      slug({ params: { id: victim.ids.member }, body: { role: 'member' } }),
      inPath('member', { role: 'member' }),
      inPath('invitation', { role: 'member' }),
    ],
  },
  {
    route: `${W}/members/[id]/route.ts`,
    method: 'DELETE',
    as: 'user',
    names: [slug({ params: { id: victim.ids.member } }), inPath('member'), inPath('invitation')],
  },
  { route: `${W}/github/installations/route.ts`, method: 'GET', as: 'user', names: [slug()] },
  {
    route: `${W}/github/installations/[id]/route.ts`,
    method: 'DELETE',
    as: 'user',
    names: [slug({ params: { id: victim.ids.installation } }), inPath('installation')],
  },
  {
    route: `${W}/github/installations/[id]/sync/route.ts`,
    method: 'POST',
    as: 'user',
    names: [slug({ params: { id: victim.ids.installation } }), inPath('installation')],
  },
  {
    route: `${W}/github/repositories/route.ts`,
    method: 'GET',
    as: 'user',
    names: [slug(), inQuery('installation', 'installation_id'), inQuery('fullName', 'q')],
  },
  { route: `${W}/github/token/route.ts`, method: 'POST', as: 'user', names: [slug(), ...MINT_NAMES] },
  { route: 'internal/github/token/route.ts', method: 'POST', as: 'apiKey', names: MINT_NAMES },
  {
    route: 'internal/github/token/revoke/route.ts',
    method: 'POST',
    as: 'apiKey',
    names: [inBody('token', (token) => ({ token }))],
  },
  {
    route: 'internal/github/repositories/route.ts',
    method: 'GET',
    as: 'apiKey',
    names: [inQuery('installation', 'installation_id'), inQuery('fullName', 'q')],
  },
  { route: 'openapi.json/route.ts', method: 'GET', as: 'apiKey', names: [] },
];

const FOLDER = import.meta.dirname;
const METHODS = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'];
type Handler = (request: NextRequest, next: { params: Promise<Record<string, string>> }) => Promise<Response>;

async function load(route: string): Promise<Record<string, Handler>> {
  return import(/* @vite-ignore */ path.join(FOLDER, route));
}

/**
 * Returns the response without the two values that always differ: the request id, and the id that the request was for.
 */
async function answer({ route, method, as }: Case, { params = {}, query = {}, body }: Request, sent: string) {
  const jwt = await encode({ token: { sub: caller.actor.id }, secret: getConfig().auth.secret });
  const request = new NextRequest(`http://localhost:3000/api/v1/x?${new URLSearchParams(query)}`, {
    method,
    headers: {
      'x-forwarded-for': '192.0.2.9',
      'x-request-id': 'the request',
      'content-type': 'application/json',
      origin: 'http://localhost:3000',
      ...(as === 'user'
        ? { cookie: `next-auth.session-token=${jwt}` }
        : { authorization: `Bearer ${caller.key}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const handler = (await load(route))[method];
  if (!handler) throw new Error(`${route} has no ${method}`);
  const response = await handler(request, { params: Promise.resolve(params) });
  const headers = [...response.headers].filter(([name]) => !name.startsWith('ratelimit'));
  return { status: response.status, headers, body: (await response.text()).replaceAll(sent, 'SENT') };
}

/** Returns everything in the victim's workspace that a request could have changed. */
async function victimState(): Promise<string> {
  const where = { workspaceId: victim.workspaceId };
  const db = getDb();
  const state = await Promise.all([
    db.installation.findMany({ where, include: { repositories: { orderBy: { id: 'asc' } } } }),
    db.apiKey.findMany({ where, orderBy: { id: 'asc' } }),
    db.trustRule.findMany({ where }),
    db.membership.findMany({ where }),
    db.invitation.findMany({ where, orderBy: { id: 'asc' } }),
    db.auditChain.findMany({ where }),
  ]);
  return JSON.stringify(state, (_key, value) => (typeof value === 'bigint' ? String(value) : value));
}

const before = await victimState();
afterEach(async () => expect(await victimState()).toBe(before));

describe('the table of this test', () => {
  /** Skips the route for unknown paths, because it takes no ids. */
  it('covers every method of every route', async () => {
    const files = (await readdir(FOLDER, { recursive: true })).filter(
      (file) => /(^|\/)route\.tsx?$/.test(file) && !file.startsWith('[...'),
    );
    const found: string[] = [];
    for (const file of files)
      for (const name of Object.keys(await load(file)))
        if (METHODS.includes(name)) found.push(`${name} ${file}`);
    expect(found.length).toBeGreaterThan(15);
    expect([...new Set(CASES.map(({ route, method }) => `${method} ${route}`))].sort()).toEqual(found.sort());
  });

  it('covers another workspace’s slug for every route below a workspace', () => {
    const without = CASES.filter(({ route }) => route.startsWith(W)).filter(
      ({ names }) => !names.some(({ kind }) => kind === 'slug'),
    );
    expect(without).toEqual([]);
  });
});

const NAMED = CASES.flatMap((each) =>
  each.names.map(({ kind, request }) => [`${each.method} ${each.route}`, kind, each, request] as const),
);

describe('a resource of another workspace', () => {
  it.each(NAMED)(
    '%s answers for another workspace’s %s as for one that does not exist',
    async (_name, kind, each, request) => {
      const foreign = await answer(each, request(victim.ids[kind]), victim.ids[kind]);
      const absent = await answer(each, request(ABSENT[kind]), ABSENT[kind]);
      expect(foreign).toEqual(absent);
      // Neither response may reveal anything about the other workspace, and another workspace's slug must never
      // succeed.
      for (const value of [victim.workspaceId, victim.slug, victim.actor.label])
        expect(foreign.body).not.toContain(value);
      if (kind === 'slug') expect(foreign.status).toBe(404);
    },
  );

  it('finds the same resource for its own members, so the comparison is not between two mistakes', async () => {
    const sync = CASES.find(({ route }) => route.endsWith('[id]/sync/route.ts'));
    if (!sync) throw new Error('no such route');
    const params = { workspace: caller.slug, id: caller.ids.installation };
    expect(await answer(sync, { params }, '')).toMatchObject({ status: 200 });
  });
});
