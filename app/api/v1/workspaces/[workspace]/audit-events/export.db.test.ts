import { NextRequest } from 'next/server';
import { encode } from 'next-auth/jwt';
import { beforeEach, expect, it } from 'vitest';
import type { UserActor } from '@/lib/actor';
import { recordAuditEventNow } from '@/lib/audit/record';
import { untyped } from '@/lib/audit/test-event';
import { makeWorkspace, readAudit, startTestApp, TEST_ORIGIN } from '@/lib/auth/test-fixtures';
import { getConfig } from '@/lib/config';
import { OPEN_DOWNLOADS } from '@/lib/http/download';
import { policiesWith } from '@/lib/rate-limit/policies';
import { GET } from './route';
import { GET as verify } from './verify/route';

// Redis isn't running, so this process enforces the limits itself, which is enough for these tests.
await startTestApp();

let workspace: { id: string; slug: string; people: UserActor[] };

beforeEach(async () => {
  workspace = await makeWorkspace('admin', 'member');
  for (const label of ['one', 'two', 'three'])
    await recordAuditEventNow(
      untyped({
        workspaceId: workspace.id,
        type: 'member.added',
        actor: { type: 'user', id: label, label },
        origin: TEST_ORIGIN,
      }),
    );
});

type Route = (...input: Parameters<typeof GET>) => Promise<Response>;

async function get(
  query: string,
  by = workspace.people[0],
  { from = '192.0.2.9', route = GET, site }: { from?: string; route?: Route; site?: string } = {},
): Promise<Response> {
  const jwt = await encode({ token: { sub: by?.id ?? '' }, secret: getConfig().auth.secret });
  const headers = {
    'x-forwarded-for': from,
    cookie: `next-auth.session-token=${jwt}`,
    ...(site === undefined ? {} : { 'sec-fetch-site': site }),
  };
  const request = new NextRequest(`http://localhost:3000/api/v1/x?${query}`, { headers });
  return route(request, { params: Promise.resolve({ workspace: workspace.slug }) });
}

it('exports the whole log as NDJSON, oldest first, with the export itself as the last line', async () => {
  const response = await get('format=ndjson');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
  expect(response.headers.get('content-disposition')).toBe(
    `attachment; filename="audit-${workspace.slug}.ndjson"`,
  );
  expect(response.headers.get('cache-control')).toBe('no-store');
  const events = (await response.text())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  expect(events.at(-1)).toMatchObject({ type: 'audit.exported', details: { format: 'ndjson' } });
});

it('exports only matching events as CSV, and records the filters', async () => {
  const lines = (await (await get('format=csv&actor=two')).text()).trimEnd().split('\r\n');
  expect(lines).toEqual([expect.stringMatching(/^seq,id,type,/), expect.stringMatching(/^2,.*,two,/)]);
  expect((await readAudit(workspace.id)).at(-1)).toMatchObject({
    type: 'audit.exported',
    actorId: workspace.people[0]?.id,
    details: { format: 'csv', filters: { actor: 'two' } },
  });
});

it('rejects members who are not admins, and unknown formats', async () => {
  expect((await get('format=csv', workspace.people[1])).status).toBe(403);
  expect((await get('format=xlsx')).status).toBe(400);
  expect((await readAudit(workspace.id)).map(({ type }) => type)).not.toContain('audit.exported');
});

it('lets no other site start an export in an admin’s name, or learn anything about one', async () => {
  for (const site of ['cross-site', 'same-site'])
    for (const by of workspace.people)
      for (const query of ['format=ndjson', 'format=csv', ''])
        expect((await get(query, by, { site })).status).toBe(403);
  expect((await readAudit(workspace.id)).map(({ type }) => type)).not.toContain('audit.exported');
  for (const site of ['same-origin', 'none'])
    expect((await get('format=csv', undefined, { site })).status).toBe(200);
});

it('runs a few exports concurrently, rejects one more, and does not record the rejection', async () => {
  const open: Response[] = [];
  for (let n = 0; n < OPEN_DOWNLOADS; n++) open.push(await get('format=csv'));
  const refused = await get('format=csv');
  expect([refused.status, (await refused.json()).code]).toEqual([429, 'rate_limited']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  await Promise.all(open.map((response) => response.text()));
  await (await get('format=csv')).text();
  const exports = (await readAudit(workspace.id)).filter(({ type }) => type === 'audit.exported');
  expect(exports).toHaveLength(OPEN_DOWNLOADS + 1);
});

it('stops reading the log when the client goes away', async () => {
  const reader = (await get('format=ndjson')).body?.getReader();
  await reader?.read();
  await expect(reader?.cancel()).resolves.toBeUndefined();
});

it('limits reads of the whole log per workspace, from whatever addresses they come', async () => {
  const limit = policiesWith(getConfig().rateLimits).whole_log.limit;
  const read = async (n: number) => {
    const answer =
      n % 2 === 0
        ? await get('format=csv', undefined, { from: `198.51.100.${n}` })
        : await get('', undefined, { from: `198.51.100.${n}`, route: verify });
    await answer.text();
    return answer;
  };
  const statuses = new Set<number>();
  for (let n = 0; n < limit; n++) statuses.add((await read(n)).status);
  expect([...statuses]).toEqual([200]);
  for (const n of [200, 201]) {
    const refused = await read(n);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect((await get('limit=1')).status).toBe(200);
  workspace = await makeWorkspace('admin');
  expect((await read(200)).status).toBe(200);
});

it('returns a page of the list as JSON, with or without naming the format', async () => {
  const pages = await Promise.all(['format=json&limit=2', 'limit=2'].map(async (q) => (await get(q)).json()));
  expect(pages[0]).toEqual(pages[1]);
  expect(pages[0].data).toHaveLength(2);
});
