/** Checks the order, the search and the pages of members and invitations. */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeWorkspace, startTestApp } from '../auth/test-fixtures';
import type { Role } from '../contract/members';
import { MEMBER_SORTS, type MemberSort, type Order, type Sorted } from '../contract/sort';
import { getDb } from '../db/client';
import { countOwners, searchInvitations, searchMembers } from './list-members';

await startTestApp();

type Made = { email: string; name?: string; role: Role; joined: number };

const DOMAIN = `${randomUUID()}.test`;

const MADE: Made[] = [
  { email: 'zoe', name: 'anna Percent 100%', role: 'owner', joined: 3 },
  { email: 'bert', role: 'owner', joined: 1 },
  { email: 'carla', name: 'Mia', role: 'admin', joined: 2 },
  { email: 'dora', name: 'Mia', role: 'member', joined: 2 },
  { email: 'anna', name: 'Ünal 山田', role: 'member', joined: 2 },
];

const at = (seconds: number) => new Date(1_700_000_000_000 + seconds * 1000);

let workspaceId: string;

async function join({ email, name, role, joined }: Made, to = workspaceId): Promise<void> {
  const user = await getDb().user.create({ data: { email: `${email}@${DOMAIN}`, name: name ?? null } });
  await getDb().membership.create({
    data: { workspaceId: to, userId: user.id, role, createdAt: at(joined) },
  });
}

const invite = (email: string, role: Role, expiresAt: Date, to = workspaceId) =>
  getDb().invitation.create({ data: { workspaceId: to, email, role, expiresAt } });

beforeAll(async () => {
  workspaceId = (await makeWorkspace()).id;
  for (const made of MADE) await join(made);
  const other = await makeWorkspace();
  await join({ email: 'foreign', name: 'Mia', role: 'owner', joined: 9 }, other.id);
  const soon = new Date(Date.now() + 86_400_000);
  await invite('mia.new@acme.test', 'member', soon);
  await invite('boss@acme.test', 'owner', soon);
  await invite('mia.late@acme.test', 'member', at(1));
  await invite('mia.foreign@acme.test', 'member', soon, other.id);
});

const localPart = ({ email }: { email: string }) => email.split('@')[0];

async function everyPage(sorted: Sorted<MemberSort>, q = '', afterFirst = async () => {}) {
  const found: (string | undefined)[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await searchMembers(workspaceId, { q, sorted, limit: 2, ...(cursor && { cursor }) });
    if (cursor === undefined) await afterFirst();
    found.push(...page.data.map(localPart));
    cursor = page.next_cursor;
  }
  return found;
}

const ORDERS = (Object.keys(MEMBER_SORTS.columns) as MemberSort[]).flatMap((sort) =>
  (['asc', 'desc'] as const satisfies Order[]).map((order) => ({ sort, order })),
);

describe('the pages of members', () => {
  it('begin with owners, and sort members with the same role by email', async () => {
    expect(await everyPage({ sort: 'role', order: 'asc' })).toEqual(['bert', 'zoe', 'carla', 'anna', 'dora']);
  });

  it('are sorted by name, or by email for a member without one', async () => {
    const found = await everyPage({ sort: 'name', order: 'asc' });
    expect(found.filter((email) => email !== 'anna')).toEqual(
      expect.arrayContaining(['zoe', 'bert', 'carla', 'dora']),
    );
    expect(found.slice(0, 2)).toEqual(['zoe', 'bert']);
  });

  it('are sorted by the time of joining', async () => {
    const found = await everyPage({ sort: 'joined', order: 'desc' });
    expect([found[0], found.at(-1)]).toEqual(['zoe', 'bert']);
  });

  it.each(ORDERS)(
    'hold each member once, and turned round by the other order: $sort, $order',
    async (sorted) => {
      const found = await everyPage(sorted);
      expect([...found].sort()).toEqual(MADE.map(({ email }) => email).sort());
      const turned = await everyPage({ ...sorted, order: sorted.order === 'asc' ? 'desc' : 'asc' });
      expect(turned.reverse()).toEqual(found);
    },
  );

  it('neither repeat nor skip a member when others join or leave between them', async () => {
    const found = await everyPage({ sort: 'role', order: 'asc' }, '', async () => {
      await join({ email: 'aaron', role: 'owner', joined: 8 });
      await getDb().user.delete({ where: { email: `bert@${DOMAIN}` } });
    });
    expect(found).toEqual(['bert', 'zoe', 'carla', 'anna', 'dora']);
    await getDb().user.delete({ where: { email: `aaron@${DOMAIN}` } });
    await join({ email: 'bert', role: 'owner', joined: 1 });
  });

  it('refuse a cursor of another order', async () => {
    const first = await searchMembers(workspaceId, {
      q: '',
      sorted: { sort: 'role', order: 'asc' },
      limit: 2,
    });
    const cursor = first.next_cursor ?? '';
    for (const sorted of ORDERS.filter(({ sort, order }) => sort !== 'role' || order !== 'asc'))
      await expect(searchMembers(workspaceId, { q: '', sorted, limit: 2, cursor })).rejects.toMatchObject({
        code: 'invalid_request',
      });
  });
});

describe('a search', () => {
  it.each([
    ['MIA', ['carla', 'dora']],
    ['ünal', ['anna']],
    ['山', ['anna']],
    ['zoe@', ['zoe']],
    ['100%', ['zoe']],
    ['%', ['zoe']],
    ['_', []],
    ['\\', []],
    ["' OR true --", []],
    ['mia\u0000', ['carla', 'dora']],
    ['foreign', []],
  ])('for %j finds names and addresses of this workspace', async (q, expected) => {
    expect(await everyPage({ sort: 'role', order: 'asc' }, q)).toEqual(expected);
    const { total } = await searchMembers(workspaceId, { q, sorted: MEMBER_SORTS.initial, limit: 1 });
    expect(total).toBe(expected.length);
  });

  it('finds pending invitations by address', async () => {
    const addresses = async (q: string) =>
      (await searchInvitations(workspaceId, q)).map(({ email }) => email);
    expect(await addresses('')).toEqual(['boss@acme.test', 'mia.new@acme.test']);
    expect(await addresses('MIA')).toEqual(['mia.new@acme.test']);
    expect(await addresses('nobody')).toEqual([]);
  });
});

it('counts the owners, whatever a search finds', async () => {
  expect(await countOwners(workspaceId)).toBe(2);
});
