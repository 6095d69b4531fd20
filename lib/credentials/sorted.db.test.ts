/** Checks the orders of keys and rules, page by page. */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { listApiKeys } from '../api-keys/read-api-keys';
import { makeWorkspace, startTestApp } from '../auth/test-fixtures';
import { CREDENTIAL_SORTS, type CredentialSort, type Order, type Sorted } from '../contract/sort';
import { getDb } from '../db/client';
import { listTrustRules } from '../workload/read-rules';

await startTestApp();

type Made = { name: string; created: number; lastUsed?: number; expires?: number };

/** Ties in each column, rows without a time, and names in other scripts and letter cases. */
const MADE: Made[] = [
  { name: 'beta', created: 1, lastUsed: 7, expires: 9 },
  { name: 'Alpha', created: 2, lastUsed: 7 },
  { name: 'alpha', created: 2, expires: 9 },
  { name: 'ähre', created: 2, lastUsed: 3 },
  { name: '日本語 🔑', created: 4, lastUsed: 3, expires: 8 },
  { name: 'Ω'.repeat(80), created: 4 },
  { name: "'; --", created: 5, lastUsed: 9, expires: 12 },
  { name: 'Zeta', created: 6 },
];

/** The names in lower case, from A to Z. Names in other scripts come last, in the order of their code points. */
const BY_NAME = ["'; --", 'alpha', 'alpha', 'beta', 'zeta', 'ähre', 'ω'.repeat(80), '日本語 🔑'];

const at = (seconds: number) => new Date(1_700_000_000_000 + seconds * 1000);

let workspaceId: string;

async function addKey({ name, created, lastUsed, expires }: Made, to = workspaceId): Promise<void> {
  const shared = {
    workspaceId: to,
    name,
    createdAt: at(created),
    lastUsedAt: lastUsed === undefined ? null : at(lastUsed),
    expiresAt: expires === undefined ? null : at(expires),
    repositoryIds: [],
  };
  const hash = Buffer.from(randomUUID());
  await getDb().apiKey.create({ data: { ...shared, hash, displayPrefix: 'psk_dev_abcd' } });
  await getDb().trustRule.create({ data: { ...shared, issuer: 'https://issuer.test', subject: 's' } });
}

beforeAll(async () => {
  workspaceId = (await makeWorkspace('owner')).id;
  const other = await makeWorkspace('owner');
  for (const made of MADE) {
    await addKey(made);
    await addKey(made, other.id);
  }
});

type Listed = Awaited<ReturnType<typeof listApiKeys>>['data'][number];
type Lister = (
  workspaceId: string,
  page: { cursor?: string; limit: number; sorted?: Sorted<CredentialSort> },
) => Promise<{
  data: Pick<Listed, 'id' | 'name' | 'created_at' | 'last_used_at' | 'expires_at'>[];
  next_cursor: string | null;
}>;

/** The times that each column compares, as numbers. */
const COMPARED: Record<
  Exclude<CredentialSort, 'name'>,
  (row: Awaited<ReturnType<Lister>>['data'][number]) => number
> = {
  created: ({ created_at }) => Date.parse(created_at),
  last_used: ({ last_used_at }) =>
    last_used_at === null ? Number.NEGATIVE_INFINITY : Date.parse(last_used_at),
  expires: ({ expires_at }) => (expires_at === null ? Number.POSITIVE_INFINITY : Date.parse(expires_at)),
};

async function everyPage(list: Lister, sorted: Sorted<CredentialSort>, afterFirst = async () => {}) {
  const pages: Awaited<ReturnType<Lister>>['data'] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await list(workspaceId, { limit: 2, sorted, ...(cursor && { cursor }) });
    if (cursor === undefined) await afterFirst();
    pages.push(...page.data);
    cursor = page.next_cursor;
  }
  return pages;
}

const ORDERS = (Object.keys(CREDENTIAL_SORTS.columns) as CredentialSort[]).flatMap((sort) =>
  (['asc', 'desc'] as const satisfies Order[]).map((order) => ({ sort, order })),
);

describe.each<[string, Lister]>([
  ['keys', listApiKeys],
  ['rules', listTrustRules],
])('the pages of %s', (_, list) => {
  it.each(ORDERS)('sorted by $sort, $order, hold each row once and in order', async (sorted) => {
    const rows = await everyPage(list, sorted);
    expect(rows.map(({ name }) => name).sort()).toEqual(MADE.map(({ name }) => name).sort());
    const way = sorted.order === 'asc' ? 1 : -1;
    if (sorted.sort !== 'name') {
      const values = rows.map(COMPARED[sorted.sort]);
      expect(values).toEqual([...values].sort((a, b) => (a === b ? 0 : (a < b ? -1 : 1) * way)));
    } else {
      const names = rows.map(({ name }) => name.toLowerCase());
      expect(names).toEqual(sorted.order === 'asc' ? BY_NAME : BY_NAME.toReversed());
    }
    const turned = await everyPage(list, { ...sorted, order: sorted.order === 'asc' ? 'desc' : 'asc' });
    expect(turned.reverse()).toEqual(rows);
  });

  it('neither repeat nor skip a row when others are added between them', async () => {
    const rows = await everyPage(list, { sort: 'name', order: 'asc' }, async () => {
      await addKey({ name: '!first', created: 6 });
      await addKey({ name: 'last', created: 6 });
    });
    const ids = rows.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const names = rows.map(({ name }) => name);
    for (const { name } of MADE) expect(names).toContain(name);
    const added = { workspaceId, name: { in: ['!first', 'last'] } };
    await getDb().apiKey.deleteMany({ where: added });
    await getDb().trustRule.deleteMany({ where: added });
  });

  it('refuse a cursor of another order, and any place that the database could not compare', async () => {
    const cursors = await Promise.all(
      ORDERS.map(async (sorted) => (await list(workspaceId, { limit: 2, sorted })).next_cursor ?? ''),
    );
    for (const sorted of ORDERS)
      for (const [index, cursor] of cursors.entries())
        if (ORDERS[index] !== sorted)
          await expect(list(workspaceId, { limit: 2, sorted, cursor })).rejects.toMatchObject({
            code: 'invalid_request',
          });
    const id = randomUUID();
    const hostile: [CredentialSort, unknown][] = [
      ['created', -1],
      ['created', 8.65e15],
      ['created', 0.5],
      ['created', '2026-01-01'],
      ['name', 'x\u0000'],
      ['name', 'x'.repeat(401)],
      ['name', null],
    ];
    for (const [sort, place] of hostile) {
      const cursor = Buffer.from(JSON.stringify([sort, 'asc', place, id])).toString('base64url');
      await expect(
        list(workspaceId, { limit: 2, sorted: { sort, order: 'asc' }, cursor }),
      ).rejects.toMatchObject({
        code: 'invalid_request',
      });
    }
  });

  it.each<[CredentialSort, unknown]>([
    ['created', 0],
    ['created', 8.64e15],
    ['created', null],
    ['name', '\ud800'],
    ['name', "' OR true --"],
  ])('are read from any valid place: %s, %j', async (sort, place) => {
    const cursor = Buffer.from(JSON.stringify([sort, 'asc', place, randomUUID()])).toString('base64url');
    const { data } = await list(workspaceId, { limit: 2, sorted: { sort, order: 'asc' }, cursor });
    expect(data.length).toBeLessThanOrEqual(2);
  });
});
