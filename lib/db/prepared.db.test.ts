import { expect, it } from 'vitest';
import { startTestApp } from '../auth/test-fixtures';
import { getPool, type LaneName } from './pool';
import { query, sql } from './sql';

await startTestApp({ DATABASE_PREPARED_STATEMENTS: '1' });

/** Runs a statement twice with other values, and returns the statements that the lane's connection has prepared. */
async function preparedAfter(lane: LaneName, mark: number): Promise<string[]> {
  const statement = (value: number) => sql<{ sum: number }>`SELECT ${value}::int + ${mark}::int AS sum`;
  for (const value of [1, 2]) expect(await query(lane, statement(value))).toEqual([{ sum: value + mark }]);
  const { rows } = await getPool(lane).query('SELECT statement FROM pg_prepared_statements');
  return rows.map((row) => row.statement);
}

it('prepares a statement of a mint once, and none on other lanes', async () => {
  expect(await preparedAfter('mint', 10)).toEqual(['SELECT $1::int + $2::int AS sum']);
  expect(await preparedAfter('mint', 20)).toHaveLength(1);
  expect(await preparedAfter('work', 30)).toEqual([]);
});

it('prepares no more than fifty texts', async () => {
  for (let n = 0; n < 60; n++) {
    const text = Object.assign([`SELECT ${n} + `, ''], { raw: [''] });
    await query('mint', sql(text as unknown as TemplateStringsArray, n));
  }
  const { rows } = await getPool('mint').query('SELECT count(*)::int AS count FROM pg_prepared_statements');
  expect(rows).toEqual([{ count: 50 }]);
});
