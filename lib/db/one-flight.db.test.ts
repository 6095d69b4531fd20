/** Tests transactions that take one round trip. Needs a real PostgreSQL. */
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startTestApp } from '../auth/test-fixtures';
import { executeInOneFlight } from './one-flight';
import { getPool, LANES } from './pool';
import { frequent, type Sql, sql } from './sql';

const environment = await startTestApp({ DATABASE_PREPARED_STATEMENTS: '1' });
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
beforeAll(() => owner.connect());
afterAll(() => owner.end());
beforeEach(async () => {
  await owner.query(`DROP TABLE IF EXISTS flown;
    CREATE TABLE flown (text text, number bigint UNIQUE DEFERRABLE INITIALLY DEFERRED, at timestamptz);
    GRANT SELECT, INSERT, UPDATE ON flown TO PUBLIC`);
});

const read = async () => (await owner.query('SELECT text, number FROM flown ORDER BY text')).rows;
const insert = (text: string | null, number: number, at = new Date()) =>
  sql`INSERT INTO flown (text, number, at) VALUES (${text}, ${number}, ${at})`;
const append = (text: string) => sql`UPDATE flown SET text = text || ${text}`;
const divide = () => sql`SELECT 1 / ${0}::int`;
const noFailure = (at: number) => expect.fail(`statement ${at} has failed`);

it.each([
  ['as text', <T>(statement: Sql<T>) => statement],
  ['prepared', frequent],
])('runs statements in their order and counts their rows, %s', async (_, as) => {
  const at = new Date('2026-02-03T04:05:06.789Z');
  const fly = (text: string, from: number) =>
    executeInOneFlight(
      [insert(text, from, at), insert(null, from + 1, at), append(' then'), append(' last')].map(as),
      noFailure,
    );
  expect(await fly("a 'quoted' \u{1F680}", 1)).toEqual([1, 1, 2, 2]);
  expect(await fly('b', 3)).toEqual([1, 1, 4, 4]);
  expect(await read()).toMatchObject([
    { text: "a 'quoted' \u{1F680} then last then last" },
    { text: 'b then last' },
    { text: null },
    { text: null },
  ]);
  const { rows } = await owner.query('SELECT DISTINCT at FROM flown');
  expect(rows).toEqual([{ at }]);
});

it.each([
  ['the first', 0, () => [divide(), insert('x', 1)]],
  ['the last', 1, () => [insert('x', 1), divide()]],
  ['one between', 1, () => [insert('x', 1), divide(), insert('y', 2)]],
  ['only the commit', 2, () => [insert('x', 1), insert('y', 1)]],
] as const)('commits nothing and names the statement, if %s fails', async (_, at, statements) => {
  const failed: number[] = [];
  for (let n = 0; n < 2 * LANES.work.connections; n++)
    for (const as of [<T>(statement: Sql<T>) => statement, frequent])
      await expect(executeInOneFlight(statements().map(as), (one) => failed.push(one))).rejects.toThrow(
        /division by zero|duplicate key/,
      );
  expect(new Set(failed)).toEqual(new Set([at]));
  expect(await read()).toEqual([]);
  expect(await executeInOneFlight([insert('works', 1)], noFailure)).toEqual([1]);
});

it('lets the database end a statement that takes too long', async () => {
  const setting = sql`INSERT INTO flown (text) VALUES (current_setting('statement_timeout'))`;
  await executeInOneFlight([setting], noFailure);
  await getPool('work').query(setting.text);
  expect(await read()).toMatchObject([{ text: '0' }, { text: '30s' }]);
});

it('refuses a value that it cannot send, before it sends anything', async () => {
  const odd = sql`INSERT INTO flown (text) VALUES (${{ some: 'object' }})`;
  await expect(executeInOneFlight([insert('x', 1), odd], noFailure)).rejects.toThrow(TypeError);
  expect(await read()).toEqual([]);
});

// Last, because the process no longer prepares statements after it.
it('commits once if a pooler has lost a prepared statement', async () => {
  const fly = (number: number) => executeInOneFlight([frequent(insert('x', number))], noFailure);
  await fly(1);
  for (let n = 0; n < LANES.work.connections; n++) await getPool('work').query('DEALLOCATE ALL');
  expect(await fly(2)).toEqual([1]);
  expect(await read()).toHaveLength(2);
});
