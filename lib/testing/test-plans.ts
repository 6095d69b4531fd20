/** Explains the statements that the app's code really sends, for tests of query plans. */
import pg from 'pg';
import { vi } from 'vitest';

type Statement = { text: string; values: unknown[] };

/** A node of a plan, as `EXPLAIN (ANALYZE, FORMAT JSON)` prints it. */
export type Plan = {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: Plan[];
};

/**
 * Runs `work`, and then explains each of its statements on the table. The statements run again for that, in a transaction
 * that is rolled back.
 *
 * @param owner a client of the database owner role
 * @returns the number of the table's rows that the plans read
 * @throws if a plan reads the whole table in sequence, or if `work` sends no statement on the table
 */
export async function rowsRead(
  owner: pg.Client,
  table: string,
  work: () => Promise<unknown>,
): Promise<number> {
  let rows = 0;
  for (const { text, values } of await statementsOn(table, work)) {
    await owner.query('BEGIN');
    const explained = await owner.query(`EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${text}`, values);
    await owner.query('ROLLBACK');
    rows += countRead(explained.rows[0]['QUERY PLAN'][0].Plan, table);
  }
  return rows;
}

async function statementsOn(table: string, work: () => Promise<unknown>): Promise<Statement[]> {
  const spied = vi.spyOn(pg.Client.prototype, 'query');
  try {
    await work();
    const found = spied.mock.calls
      .map(([statement]) => statement as unknown as Statement | string)
      .filter((statement) => typeof statement === 'object')
      .filter(({ text }) => text.includes(table));
    if (found.length === 0) throw new Error(`no statement on ${table}`);
    return found;
  } finally {
    spied.mockRestore();
  }
}

function countRead(plan: Plan, table: string): number {
  const below = (plan.Plans ?? []).reduce((sum, each) => sum + countRead(each, table), 0);
  if (plan['Relation Name'] !== table) return below;
  if (plan['Node Type'] === 'Seq Scan') throw new Error(`sequential scan over ${table}`);
  const removed = (plan['Rows Removed by Filter'] ?? 0) + (plan['Rows Removed by Index Recheck'] ?? 0);
  return below + (plan['Actual Rows'] + removed) * plan['Actual Loops'];
}
