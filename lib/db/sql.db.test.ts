import { expect, it } from 'vitest';
import { startTestApp } from '../auth/test-fixtures';
import { getDb } from './client';
import { type Database, execute, joinSql, query, sql } from './sql';

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
