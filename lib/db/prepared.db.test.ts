import { expect, it } from 'vitest';
import { startTestApp } from '../auth/test-fixtures';
import { getPool, type LaneName } from './pool';
import { frequent, inStatements, query, sql } from './sql';

await startTestApp({ DATABASE_PREPARED_STATEMENTS: '1' });

/** Runs a statement twice with other values, and returns the statements that the lane's connection has prepared. */
async function preparedAfter(lane: LaneName, mark: number): Promise<string[]> {
  const statement = (value: number) => sql<{ sum: number }>`SELECT ${value}::int + ${mark}::int AS sum`;
  for (const value of [1, 2]) expect(await query(lane, statement(value))).toEqual([{ sum: value + mark }]);
  const { rows } = await getPool(lane).query('SELECT statement FROM pg_prepared_statements');
  return rows.map((row) => row.statement);
}

it('prepares a statement of a mint once, and only frequent ones on other lanes', async () => {
  expect(await preparedAfter('mint', 10)).toEqual(['SELECT $1::int + $2::int AS sum']);
  expect(await preparedAfter('mint', 20)).toHaveLength(1);
  expect(await preparedAfter('work', 30)).toEqual([]);
});

it('prepares a frequent statement of any lane once, also for pipelined transactions', async () => {
  const add = (value: number) => frequent(sql<{ sum: number }>`SELECT ${value}::int + 40 AS sum`);
  await query('work', add(1));
  const sums = await inStatements((tx) => Promise.all([query(tx, add(1)), query(tx, add(2))]));
  expect(sums).toEqual([[{ sum: 41 }], [{ sum: 42 }]]);
  const { rows } = await getPool('work').query('SELECT statement FROM pg_prepared_statements');
  expect(rows).toEqual([{ statement: 'SELECT $1::int + 40 AS sum' }]);
});

it('prepares no more than fifty texts', async () => {
  for (let n = 0; n < 60; n++) {
    const text = Object.assign([`SELECT ${n} + `, ''], { raw: [''] });
    await query('mint', sql(text as unknown as TemplateStringsArray, n));
  }
  const counts = await Promise.all(
    (['mint', 'work'] as const).map(async (lane) => {
      const { rows } = await getPool(lane).query('SELECT count(*)::int AS count FROM pg_prepared_statements');
      return rows[0].count as number;
    }),
  );
  expect(counts[0] ?? 0).toBeGreaterThan(40);
  expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBe(50);
});
