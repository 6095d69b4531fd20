import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { expect, it } from 'vitest';
import { startTestApp } from '../auth/test-fixtures';
import { getPool } from '../db/pool';
import { readCatalogue, readStoredData } from './stored-data';

const environment = await startTestApp();

it('shows exactly the columns that docs/claims.md lists as GitHub’s data', async () => {
  const claims = await readFile('docs/claims.md', 'utf8');
  const rows = [...claims.matchAll(/^\| `(\w+)` \| (.*?) \|/gm)];
  const documented = Object.fromEntries(
    rows.map(([, table = '', columns = '']) => [
      table,
      [...columns.matchAll(/`(\w+)`/g)].map(([, column]) => column).sort(),
    ]),
  );
  const { tables } = await readStoredData();
  expect(Object.fromEntries(tables.map(({ name, columns }) => [name, [...columns].sort()]))).toEqual(
    documented,
  );
});

it('has no column whose name suggests a secret', async () => {
  expect((await readStoredData()).secretSounding).toEqual([]);
});

it('lists every column of the database, and reports an undeclared one', async () => {
  expect((await readStoredData()).undeclared).toEqual([]);
  const owner = new pg.Client(environment.OWNER_DATABASE_URL);
  await owner.connect();
  await owner.query(`ALTER TABLE repositories ADD COLUMN readme text; CREATE TABLE clones (id int);
    GRANT SELECT ON clones TO PUBLIC`);
  await owner.end();
  expect((await readCatalogue()).undeclared).toEqual(['clones.id', 'repositories.readme']);
});

it('reads the catalogue once for concurrent readers', async () => {
  let queries = 0;
  getPool('work').on('acquire', () => queries++);
  await Promise.all(Array.from({ length: 100 }, readStoredData));
  expect(queries).toBeLessThanOrEqual(1);
});
