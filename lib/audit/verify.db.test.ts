/** Tests that verifications can run concurrently and do not delay other requests. */
import { NextRequest } from 'next/server';
import { encode } from 'next-auth/jwt';
import { beforeAll, expect, it, vi } from 'vitest';
import { GET as verifyEvents } from '../../app/api/v1/workspaces/[workspace]/audit-events/verify/route';
import { SYSTEM_CLI } from '../actor';
import { makeWorkspace, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import { getConfig } from '../config';
import { getPool, LANES } from '../db/pool';
import { toCanonicalEvent } from './canonical-rows';
import { exportAuditEvents } from './export';
import { readAuditSlices, readSlicesAs } from './read';
import { recordAuditEventNow } from './record';
import { untyped } from './test-event';
import { verifyAuditChain, verifyAuditChainInSteps } from './verify';

const EVENTS = 200;

await startTestApp();

type Tenant = { id: string; slug: string; jwt: string };
let one: Tenant;
let other: Tenant;

async function tenant(): Promise<Tenant> {
  const { id, slug, people } = await makeWorkspace('admin');
  const jwt = await encode({ token: { sub: people[0]?.id ?? '' }, secret: getConfig().auth.secret });
  return { id, slug, jwt };
}

beforeAll(async () => {
  one = await tenant();
  other = await tenant();
  for (let n = 0; n < EVENTS; n++)
    await recordAuditEventNow(
      untyped({
        workspaceId: one.id,
        type: 'github.token_minted',
        actor: SYSTEM_CLI,
        origin: TEST_ORIGIN,
        details: {},
      }),
    );
});

const verify = ({ slug, jwt }: Tenant) =>
  verifyEvents(
    new NextRequest(`http://localhost:3000/api/v1/workspaces/${slug}/audit-events/verify`, {
      headers: { authorization: `Bearer ${jwt}`, 'x-forwarded-for': '192.0.2.9' },
    }),
    { params: Promise.resolve({ workspace: slug }) },
  );

const result = { ok: false, events: 0, head_hash: '' };

async function* inLines(pieces: AsyncIterable<string>): AsyncGenerator<string[]> {
  for await (const piece of pieces) yield piece.trimEnd().split('\n');
}

it('runs one of twelve concurrent verifications of a workspace, and tells the other callers when to retry', async () => {
  // Take all connections, so that the first verification is still waiting for a connection when the others start.
  const taken = await Promise.all(
    Array.from({ length: LANES.reads.connections }, () => getPool('reads').connect()),
  );
  const asked = Array.from({ length: 12 }, () => verify(one));
  const refused: Response[] = [];
  for (const answer of asked) answer.then((response) => response.status === 429 && refused.push(response));
  const ofOther = verify(other);
  try {
    await expect.poll(() => refused.length).toBe(11);
  } finally {
    for (const client of taken) client.release();
  }
  expect(await refused[0]?.clone().json()).toMatchObject({ code: 'rate_limited' });
  expect(refused.every(({ headers }) => Number(headers.get('retry-after')) > 0)).toBe(true);
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  expect(statuses.sort()).toEqual([200, ...Array.from({ length: 11 }, () => 429)]);
  expect((await ofOther).status).toBe(200);
  expect((await verify(one)).status).toBe(200);
});

it('allows a new verification after one was stopped early or not continued for a minute', async () => {
  const left = verifyAuditChainInSteps(one.id);
  expect(() => verifyAuditChainInSteps(one.id)).toThrow('verified already');
  await left.next();
  await left.return(result);
  const forgotten = verifyAuditChainInSteps(one.id);
  const now = performance.now();
  vi.spyOn(performance, 'now').mockImplementation(() => now + 61_000);
  expect(await verifyAuditChain(one.id)).toMatchObject({ ok: true, events: EVENTS });
  vi.restoreAllMocks();
  await forgotten.return(result);
});

it.each([
  ['a verification', (id: string) => readSlicesAs(toCanonicalEvent, id)],
  ['an NDJSON export', (id: string) => inLines(exportAuditEvents(id, 'ndjson'))],
  ['a comparison', readAuditSlices],
] as const)('lets other requests run after every few milliseconds of %s', async (_, read) => {
  // On this fake clock, each event takes a millisecond, so the test does not depend on the machine's speed.
  let clock = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => clock++);
  let turn = 0;
  let isOver = false;
  const count = () => {
    turn++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const doneIn = new Map<number, number>();
  const work = async () => {
    for await (const slice of read(one.id))
      for (const _event of slice) doneIn.set(turn, (doneIn.get(turn) ?? 0) + 1);
  };
  await Promise.all([work(), work(), work()]);
  isOver = true;
  expect([...doneIn.values()].reduce((sum, events) => sum + events)).toBe(3 * EVENTS);
  expect(Math.max(...doneIn.values())).toBeLessThan(12);
});
