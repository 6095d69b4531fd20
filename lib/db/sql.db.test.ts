import type { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { startTestApp } from '../auth/test-fixtures';
import { getDb, inTransaction } from './client';
import { LANES } from './pool';
import {
  type Database,
  execute,
  executeLast,
  inStatements,
  inTransactionOn,
  joinSql,
  query,
  type Statements,
  sql,
} from './sql';

await startTestApp();

const WAYS: [string, () => Database][] = [
  ['a lane', () => 'work'],
  ['Prisma', () => getDb()],
];

it.each(WAYS)('returns a row with the same types through %s', async (_, db) => {
  const at = new Date('2026-01-02T03:04:05.678Z');
  const statement = sql`SELECT ${9007199254740993n}::bigint AS id, ${[-1n, 9007199254740993n]}::bigint[] AS ids,
    ARRAY[]::bigint[] AS none, NULL::bigint[] AS missing, ${['a"b', '{c,d}']}::text[] AS names, ${at}::timestamptz AS at,
    2::int AS count, true AS is_known`;
  expect(await query(db(), statement)).toEqual([
    {
      id: 9007199254740993n,
      ids: [-1n, 9007199254740993n],
      none: [],
      missing: null,
      names: ['a"b', '{c,d}'],
      at,
      count: 2,
      is_known: true,
    },
  ]);
});

it.each(WAYS)('binds values and nested parts in the order of the text through %s', async (_, db) => {
  const part = (value: string) => sql`(${value}::text || ${'!'}::text)`;
  const statement = sql<{ joined: string }>`SELECT ${'first '}::text ||
    ${joinSql([part("'; --"), part('$1')], ' || ')} || ${' last'}::text AS joined`;
  expect(await query(db(), statement)).toEqual([{ joined: "first '; --!$1! last" }]);
});

it.each(WAYS)('returns how many rows a statement wrote through %s', async (way, db) => {
  const slugs = ['one', 'two'].map((name) => `${name}-${way === 'Prisma' ? 'prisma' : 'lane'}`);
  const insert = sql`INSERT INTO workspaces (slug, name) SELECT slug, slug FROM unnest(${slugs}::text[]) AS s (slug)
    ON CONFLICT DO NOTHING`;
  expect(await execute(db(), insert)).toBe(2);
  expect(await execute(db(), insert)).toBe(0);
});

const named = (slug: string) => sql`SELECT slug FROM workspaces WHERE slug = ${slug}`;
const insertNamed = (slug: string) => sql`INSERT INTO workspaces (slug, name) VALUES (${slug}, 'x')`;

it('commits all statements of a transaction without Prisma, or none if one step fails', async () => {
  await inStatements((tx) => execute(tx, insertNamed('kept')));
  expect(await query('work', named('kept'))).toEqual([{ slug: 'kept' }]);
  for (const fail of [() => Promise.reject(new Error('no')), (tx: Database) => query(tx, sql`SELECT 1 / 0`)])
    await expect(
      inStatements(async (tx) => {
        await execute(tx, insertNamed('undone'));
        await fail(tx);
      }),
    ).rejects.toThrow();
  expect(await query('work', named('undone'))).toEqual([]);
});

it('rejects instead of reporting success if a step failed and its error was swallowed', async () => {
  const swallowing = inStatements(async (tx) => {
    await execute(tx, insertNamed('swallowed'));
    await query(tx, sql`SELECT 1 / 0`).catch(() => {});
  });
  await expect(swallowing).rejects.toThrow('nothing was committed');
  expect(await query('work', named('swallowed'))).toEqual([]);
});

it('gives the connection back after each transaction without Prisma, even after a failed one', async () => {
  for (let n = 0; n < 2 * LANES.work.connections; n++)
    await inStatements((tx) => query(tx, n % 2 === 0 ? sql`SELECT 1` : sql`SELECT 1 / 0`)).catch(() => {});
  expect(await query('work', sql`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
});

it('lets the database end a transaction without Prisma whose process hangs', async () => {
  const settings = sql`SELECT current_setting('statement_timeout') AS statement,
    current_setting('idle_in_transaction_session_timeout') AS idle`;
  expect(await inStatements((tx) => query(tx, settings))).toEqual([{ statement: '30s', idle: '30s' }]);
  expect(await query('work', settings)).toEqual([{ statement: '0', idle: '0' }]);
});

it('runs statements of a transaction that are sent together in their order, and those kept for its end last', async () => {
  const rename = (to: string) => sql`UPDATE workspaces SET name = name || ${to} WHERE slug = 'pipelined'`;
  await inStatements(async (tx) => {
    await executeLast(tx, rename(' last'), () => {});
    await Promise.all([execute(tx, insertNamed('pipelined')), execute(tx, rename(' then'))]);
  });
  expect(await query('work', sql`SELECT name FROM workspaces WHERE slug = 'pipelined'`)).toEqual([
    { name: 'x then last' },
  ]);
});

it.each([
  [
    'begins with it',
    (tx: Statements) => [query(tx, sql`SELECT 1 / 0`), execute(tx, insertNamed('together'))],
  ],
  ['ends with it', (tx: Statements) => [execute(tx, insertNamed('together')), query(tx, sql`SELECT 1 / 0`)]],
  [
    'keeps it for its end',
    (tx: Statements) => [execute(tx, insertNamed('together')), executeLast(tx, sql`SELECT 1 / 0`, () => {})],
  ],
])('commits nothing of a transaction that %s, if one of its statements fails', async (_, send) => {
  for (let n = 0; n < 2 * LANES.work.connections; n++)
    await expect(inStatements((tx) => Promise.all(send(tx)))).rejects.toThrow('division by zero');
  expect(await query('work', named('together'))).toEqual([]);
});

it.each([
  ['inStatements', inStatements],
  ['Prisma', inTransaction],
] as const)('reports a failed statement at the end of a transaction of %s to its sender', async (_, run) => {
  let failures = 0;
  const failing = (tx: Statements) => executeLast(tx, sql`SELECT 1 / 0`, () => failures++);
  await expect(run(failing)).rejects.toThrow();
  expect(failures).toBe(1);
});

it('rejects a transaction that did not begin, and sends none of the statements kept for its end', async () => {
  let wasSent = false;
  const rejected = inTransactionOn('work', 'SELECT 1 / 0', async (client, last) => {
    last(insertNamed('kept-for-the-end'), () => {});
    await client.query('SELECT 1');
    wasSent = true;
  });
  await expect(rejected).rejects.toThrow('division by zero');
  expect(wasSent).toBe(true);
  expect(await query('work', named('kept-for-the-end'))).toEqual([]);
});

it('holds BEGIN back until the first statements are sent, too', async () => {
  await inTransactionOn('work', 'BEGIN', async (client) => {
    const { stream } = (client as unknown as { connection: { stream: Writable } }).connection;
    const first = client.query('SELECT 1');
    expect(stream.writableCorked).toBe(1);
    await first;
    expect(stream.writableCorked).toBe(0);
  });
});
