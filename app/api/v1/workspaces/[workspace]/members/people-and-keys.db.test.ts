import { randomUUID } from 'node:crypto';
import { NextRequest } from 'next/server';
import { encode } from 'next-auth/jwt';
import { expect, it } from 'vitest';
import type { UserActor } from '@/lib/actor';
import { authenticateApiKey } from '@/lib/api-keys/key';
import {
  makeUser,
  makeWorkspace,
  readAudit,
  startTestApp,
  TEST_ISSUER,
  TEST_USE,
} from '@/lib/auth/test-fixtures';
import { getConfig } from '@/lib/config';
import { ApiKey, CreatedApiKey } from '@/lib/contract/api-keys';
import { Member } from '@/lib/contract/members';
import { listOf } from '@/lib/contract/pagination';
import * as rotation from '../api-keys/[id]/rotate/route';
import * as apiKey from '../api-keys/[id]/route';
import * as apiKeys from '../api-keys/route';
import * as settings from '../route';
import * as trustRule from '../trust-rules/[id]/route';
import * as trustRules from '../trust-rules/route';
import * as member from './[id]/route';
import * as members from './route';

// Redis isn't running, so this process enforces the limits itself, which is enough for these tests.
await startTestApp({ WORKLOAD_ISSUERS: TEST_ISSUER });

type Handler = (request: NextRequest, next: { params: Promise<Record<string, string>> }) => Promise<Response>;
type Call = {
  by: UserActor | null;
  workspace: string;
  id?: string;
  body?: unknown;
  from?: Record<string, string>;
};

/** The headers that tell the app that a request comes from our own pages. */
const OUR_PAGES = { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' };

/**
 * Calls a handler as a browser would: with the session cookie, and with headers that show where the request comes from.
 */
async function call(handler: Handler, method: string, { by, workspace, id, body, from = OUR_PAGES }: Call) {
  const headers = new Headers({
    'x-forwarded-for': '192.0.2.9',
    'content-type': 'application/json',
    ...from,
  });
  if (by !== null) {
    const jwt = await encode({ token: { sub: by.id }, secret: getConfig().auth.secret });
    headers.set('cookie', `next-auth.session-token=${jwt}`);
  }
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const params = Promise.resolve({ workspace, ...(id === undefined ? {} : { id }) });
  const response = await handler(new NextRequest('http://localhost:3000/api/v1/x', init), { params });
  const text = await response.text();
  return { status: response.status, text, json: () => JSON.parse(text) };
}

/** Every route of the workspace, its keys, trust rules and people that needs an admin, each with a valid body. */
const ROUTES: [name: string, handler: Handler, method: string, body?: unknown][] = [
  ['GET api-keys', apiKeys.GET, 'GET'],
  ['POST api-keys', apiKeys.POST, 'POST', { name: 'engine' }],
  ['POST api-keys/{id}/rotate', rotation.POST, 'POST', {}],
  ['PATCH api-keys/{id}', apiKey.PATCH, 'PATCH', { name: 'engine' }],
  ['DELETE api-keys/{id}', apiKey.DELETE, 'DELETE'],
  ['GET trust-rules', trustRules.GET, 'GET'],
  ['POST trust-rules', trustRules.POST, 'POST', { name: 'ci', issuer: TEST_ISSUER, subject: 'engine' }],
  ['PATCH trust-rules/{id}', trustRule.PATCH, 'PATCH', { name: 'ci' }],
  ['DELETE trust-rules/{id}', trustRule.DELETE, 'DELETE'],
  ['PATCH workspace', settings.PATCH, 'PATCH', { api_keys_allowed: true }],
  ['GET members', members.GET, 'GET'],
  ['POST members', members.POST, 'POST', { email: 'x@acme.test' }],
  ['PATCH members/{id}', member.PATCH, 'PATCH', { role: 'member' }],
  ['DELETE members/{id}', member.DELETE, 'DELETE'],
];

async function makeStaffed() {
  const { id, slug, people } = await makeWorkspace('owner', 'admin', 'member');
  const [owner, admin, plain] = people;
  const nobody = await makeUser();
  return { id, slug, owner: owner ?? nobody, admin: admin ?? nobody, member: plain ?? nobody };
}

const ABSENT = randomUUID();

it.each(ROUTES)(
  '%s answers 401 without a session, 403 below admin, and 404 to outsiders as if the workspace did not exist',
  async (_name, handler, method, body) => {
    const workspace = await makeStaffed();
    const outsider = await makeUser();
    const to = (by: UserActor | null, slug = workspace.slug) =>
      call(handler, method, { by, workspace: slug, id: ABSENT, body });
    expect((await to(null)).status).toBe(401);
    expect((await to(workspace.member)).status).toBe(403);
    const [closed, absent] = [await to(outsider), await to(outsider, 'no-such-workspace')];
    expect(closed.status).toBe(404);
    const withoutRequestId = (text: string) => ({ ...JSON.parse(text), request_id: null });
    expect(withoutRequestId(closed.text)).toEqual(withoutRequestId(absent.text));
    expect(await readAudit(workspace.id)).toEqual([]);
  },
);

it.each(ROUTES)(
  '%s rejects a cookie that another site makes the browser send',
  async (_name, handler, method, body) => {
    const workspace = await makeStaffed();
    const to = { by: workspace.owner, workspace: workspace.slug, id: ABSENT, body };
    const elsewhere: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ];
    for (const from of elsewhere) expect((await call(handler, method, { ...to, from })).status).toBe(403);
    expect(await readAudit(workspace.id)).toEqual([]);
  },
);

it.each(ROUTES)(
  '%s accepts a cookie from a program, which names no site',
  async (_name, handler, method, body) => {
    const workspace = await makeStaffed();
    const { status } = await call(handler, method, {
      by: workspace.owner,
      workspace: workspace.slug,
      id: ABSENT,
      body,
      from: {},
    });
    expect([200, 201, 404]).toContain(status);
  },
);

it.each(ROUTES.filter(([, , method]) => method !== 'GET'))(
  '%s rejects an unknown field, and a body that is not JSON',
  async (_name, handler, method, body) => {
    const workspace = await makeStaffed();
    const to = { by: workspace.owner, workspace: workspace.slug, id: ABSENT };
    const unknown = await call(handler, method, { ...to, body: { ...Object(body), x: 1 } });
    expect([unknown.status, unknown.json().errors]).toEqual([400, [expect.objectContaining({ path: '' })]]);
    const noJson = { ...to, body: { x: 1 }, from: { ...OUR_PAGES, 'content-type': 'text/plain' } };
    expect((await call(handler, method, noJson)).status).toBe(415);
    expect(await readAudit(workspace.id)).toEqual([]);
  },
);

it.each(ROUTES.filter(([, , method]) => method === 'DELETE'))(
  '%s needs no body and no content type',
  async (_name, handler, method) => {
    const workspace = await makeStaffed();
    const to = { by: workspace.owner, workspace: workspace.slug, id: ABSENT };
    const from = { ...OUR_PAGES, 'content-type': '' };
    expect((await call(handler, method, { ...to, from })).status).toBe(404);
    expect((await call(handler, method, { ...to, body: {} })).status).toBe(404);
  },
);

it.each(ROUTES.filter(([name]) => name.includes('{id}')))(
  '%s answers for another workspace’s id as for one that does not exist',
  async (name, handler, method, body) => {
    const [mine, theirs] = [await makeStaffed(), await makeStaffed()];
    const created = await call(apiKeys.POST, 'POST', {
      by: theirs.owner,
      workspace: theirs.slug,
      body: { name: 'k' },
    });
    const foreign = name.includes('api-keys') ? created.json().id : theirs.member.id;
    const answers = [];
    for (const asked of [foreign, ABSENT, 'nonsense']) {
      const answer = await call(handler, method, { by: mine.owner, workspace: mine.slug, id: asked, body });
      answers.push({ ...answer.json(), request_id: null });
    }
    expect(answers[0]).toMatchObject({ status: 404, code: 'not_found' });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  },
);

it('creates, lists, rotates and revokes a key, and shows its secret only at creation and rotation', async () => {
  const { slug: workspace, admin: by } = await makeStaffed();
  const created = await call(apiKeys.POST, 'POST', {
    by,
    workspace,
    body: { name: 'engine', expires_in: '90d' },
  });
  expect(created.status).toBe(201);
  const first = CreatedApiKey.parse(created.json());
  const rotated = await call(rotation.POST, 'POST', { by, workspace, id: first.id, body: { overlap: '0s' } });
  expect(rotated.status).toBe(201);
  const second = CreatedApiKey.parse(rotated.json());
  await authenticateApiKey(second.key, TEST_USE);

  const list = await call(apiKeys.GET, 'GET', { by, workspace });
  expect(
    listOf(ApiKey)
      .parse(list.json())
      .data.map(({ id, status }) => [id, status]),
  ).toEqual([
    [second.id, 'active'],
    [first.id, 'expired'],
  ]);
  for (const { key } of [first, second]) expect(list.text).not.toContain(key.slice(-30));

  expect((await call(apiKey.DELETE, 'DELETE', { by, workspace, id: second.id })).status).toBe(204);
  await expect(authenticateApiKey(second.key, TEST_USE)).rejects.toMatchObject({ code: 'unauthenticated' });
});

it('changes a key’s name, repositories and networks, and refuses what it cannot be', async () => {
  const { slug: workspace, admin: by } = await makeStaffed();
  const { id } = (await call(apiKeys.POST, 'POST', { by, workspace, body: { name: 'engine' } })).json();
  const patch = (body: object) => call(apiKey.PATCH, 'PATCH', { by, workspace, id, body });
  const changed = await patch({ name: 'renamed', networks: ['2001:DB8::/32', '203.0.113.7/32'] });
  expect(ApiKey.parse(changed.json())).toMatchObject({
    id,
    name: 'renamed',
    repositories: null,
    networks: ['2001:db8::/32', '203.0.113.7'],
  });
  for (const [body, path] of [
    [{ networks: ['203.0.113.7/24'] }, 'networks.0'],
    [{ networks: ['0.0.0.0/0'] }, 'networks.0'],
    [{ networks: null }, 'networks'],
    [{ networks: '203.0.113.0/24' }, 'networks'],
    [{ repositories: [] }, 'repositories'],
    [{ name: '' }, 'name'],
    [{ name: null }, 'name'],
  ] as const) {
    const refused = await patch(body);
    expect([refused.status, refused.json().errors?.[0].path], JSON.stringify(body)).toEqual([400, path]);
  }
  const list = await call(apiKeys.GET, 'GET', { by, workspace });
  expect(list.json().data).toEqual([changed.json()]);
});

it('shows the workspace’s settings to its members, and forbids keys for an admin', async () => {
  const { slug: workspace, admin, member: plain } = await makeStaffed();
  const read = (by: UserActor) => call(settings.GET, 'GET', { by, workspace });
  const patch = (body: object) => call(settings.PATCH, 'PATCH', { by: admin, workspace, body });
  const shown = { slug: workspace, name: workspace, api_keys_allowed: true };
  expect((await read(plain)).json()).toEqual(shown);
  expect((await read(await makeUser())).status).toBe(404);
  for (const body of [{}, { api_keys_allowed: null }, { api_keys_allowed: 'false' }, { api_keys_allowed: 0 }])
    expect((await patch(body)).status).toBe(400);
  expect((await patch({ api_keys_allowed: false })).json()).toEqual({ ...shown, api_keys_allowed: false });
  expect((await read(plain)).json()).toEqual({ ...shown, api_keys_allowed: false });
  const created = await call(apiKeys.POST, 'POST', { by: admin, workspace, body: { name: 'engine' } });
  expect([created.status, created.json().code]).toEqual([403, 'forbidden']);
});

it('invites, lists and uninvites; changes a role and removes a member', async () => {
  const { slug: workspace, owner: by, member: plain } = await makeStaffed();
  const invited = await call(members.POST, 'POST', {
    by,
    workspace,
    body: { email: 'New@Acme.test', role: 'admin' },
  });
  expect(invited.status).toBe(201);
  const invitation = Member.parse(invited.json());
  expect(invitation).toMatchObject({ status: 'invited', email: 'new@acme.test', role: 'admin' });
  const changed = await call(member.PATCH, 'PATCH', { by, workspace, id: plain.id, body: { role: 'owner' } });
  expect(Member.parse(changed.json())).toMatchObject({ id: plain.id, role: 'owner' });
  expect(listOf(Member).parse((await call(members.GET, 'GET', { by, workspace })).json()).data).toHaveLength(
    4,
  );
  for (const id of [plain.id, invitation.id])
    expect((await call(member.DELETE, 'DELETE', { by, workspace, id })).status).toBe(204);
  expect(listOf(Member).parse((await call(members.GET, 'GET', { by, workspace })).json()).data).toHaveLength(
    2,
  );
});

it.each([
  { name: 'k', scope: 'all' },
  { name: '' },
  {},
  { name: 'k', repositories: [] },
  { name: 'k', expires_in: 90 },
])('rejects %j as a new key, and says what is wrong', async (body) => {
  const { slug: workspace, owner: by } = await makeStaffed();
  const { status, json } = await call(apiKeys.POST, 'POST', { by, workspace, body });
  expect({ status, ...json() }).toMatchObject({ status: 400, code: 'invalid_request', errors: [{}] });
});
