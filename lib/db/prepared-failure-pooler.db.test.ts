/** Failed transactions behind a real PgBouncer that keeps prepared statements. */
import { afterAll, expect, it } from 'vitest';
import { canKeepStatements, startPgBouncer } from '../../local/services/pgbouncer';
import { createTestDatabase } from '../../local/test/database';
import { startTestApp } from '../auth/test-fixtures';
import { frequent, inStatements, query, sql } from './sql';

const { appUrl } = await createTestDatabase();
const pooler = canKeepStatements() ? await startPgBouncer(appUrl) : undefined;
const reason = pooler === undefined ? ' (skipped: this machine has no PgBouncer 1.21 or newer)' : '';
await startTestApp({ DATABASE_URL: pooler?.url ?? appUrl, DATABASE_PREPARED_STATEMENTS: '1' });
afterAll(() => pooler?.close());

it.skipIf(pooler === undefined)(
  `a failed transaction does not make a later one fail that sends the same statements${reason}`,
  async () => {
    const divideBy = (divisor: number) =>
      inStatements((tx) =>
        Promise.all([
          query(tx, sql`SELECT 1 / ${divisor}::int`),
          query(tx, frequent(sql<{ sum: number }>`SELECT ${divisor}::int + 1 AS sum`)),
        ]),
      );
    await expect(divideBy(0)).rejects.toThrow('division by zero');
    expect((await divideBy(1))[1]).toEqual([{ sum: 2 }]);
  },
);
