/** Failed transactions with prepared statements. Needs a real PostgreSQL. */
import { expect, it } from 'vitest';
import { startTestApp } from '../auth/test-fixtures';
import { getPool } from './pool';
import { frequent, inStatements, query, sql } from './sql';

await startTestApp({ DATABASE_PREPARED_STATEMENTS: '1' });

it('keeps statements prepared if one of a failed transaction had not been prepared before', async () => {
  const twice = (n: number) => frequent(sql<{ sum: number }>`SELECT ${n}::int + 70 AS sum`);
  // PostgreSQL prepares nothing in a failed transaction, so it doesn't find the name of the last statement.
  const failed = inStatements((tx) =>
    Promise.all([query(tx, sql`SELECT 1 / ${0}::int`), query(tx, twice(1)), query(tx, twice(2))]),
  );
  await expect(failed).rejects.toThrow('division by zero');
  await query('work', twice(3));
  const { rows } = await getPool('work').query('SELECT statement FROM pg_prepared_statements');
  expect(rows).toContainEqual({ statement: 'SELECT $1::int + 70 AS sum' });
});

it('closes a connection on which a prepared statement has failed, because a pooler may keep its name', async () => {
  const { rows } = await getPool('work').query('SELECT pg_backend_pid() AS pid');
  const behind = frequent(sql`SELECT ${1}::int + 80`);
  const failed = inStatements((tx) => Promise.all([query(tx, sql`SELECT 1 / ${0}::int`), query(tx, behind)]));
  await expect(failed).rejects.toThrow('division by zero');
  expect((await getPool('work').query('SELECT pg_backend_pid() AS pid')).rows).not.toEqual(rows);
});
