/** Checks that a page of repositories reads few rows, however many are shared, and nothing of other workspaces. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeInstallation, makeWorkspace, startTestApp } from '../auth/test-fixtures';
import type { Order } from '../contract/sort';
import { rowsRead } from '../testing/test-plans';
import { listInstallations } from './list';
import { listRepositories } from './list-repositories';

const SHARED = 10_000;
/** The rows that a search with few matches sorts, and a page of each installation. */
const MOST_ROWS = 550;

const environment = await startTestApp();
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
let workspaceId: string;

beforeAll(async () => {
  await owner.connect();
  ({ id: workspaceId } = await makeWorkspace());
  const other = await makeWorkspace();
  for (const [of, count] of [
    [workspaceId, SHARED - 100],
    [workspaceId, 100],
    [other.id, SHARED],
  ] as const) {
    const { id } = await makeInstallation(of, []);
    await owner.query(
      `INSERT INTO repositories (id, installation_id, owner, name, clone_url, default_branch, private)
        SELECT $1::bigint * 100000 + n, $1, 'acme', 'repo-' || lpad((n * 7919 % 10000)::text, 5, '0'),
          'https://github.test/x.git', 'main', true
        FROM generate_series(1, $2::int) AS n`,
      [id, count],
    );
  }
  await owner.query('UPDATE repositories SET removed_at = now() WHERE id % 10 = 3');
  await owner.query('VACUUM ANALYZE');
});
afterAll(() => owner.end());

const page = (filter: { q?: string; cursor?: string; order?: Order }) =>
  listRepositories({ workspaceId, repositoryIds: null }, { limit: 50, ...filter });

describe('a page of 10,000 repositories reads few rows', () => {
  it.each([
    ['without a search', {}],
    ['if a search matches all', { q: 'acme/repo-' }],
    ['if a search matches one', { q: 'REPO-00042' }],
    ['if a search matches some in the middle', { q: 'o-055' }],
    ['if a search matches nothing', { q: 'no-such-name' }],
  ])('%s', async (_, filter) => {
    expect(await rowsRead(owner, 'repositories', () => page(filter))).toBeLessThan(MOST_ROWS);
    const place = ['acme', 'repo-05500', 1, 1];
    const cursor = Buffer.from(JSON.stringify(place)).toString('base64url');
    expect(await rowsRead(owner, 'repositories', () => page({ ...filter, cursor }))).toBeLessThan(MOST_ROWS);
    const fromZ = { ...filter, order: 'desc' } as const;
    expect(await rowsRead(owner, 'repositories', () => page(fromZ))).toBeLessThan(MOST_ROWS);
    const later = Buffer.from(JSON.stringify([...place, 'desc'])).toString('base64url');
    expect(await rowsRead(owner, 'repositories', () => page({ ...fromZ, cursor: later }))).toBeLessThan(
      MOST_ROWS,
    );
  });
});

describe('a page lists what the filter selects', () => {
  const stored = async (like: string) => {
    const { rows } = await owner.query<{ name: string }>(
      `SELECT owner || '/' || name AS name FROM repositories r JOIN installations i ON i.id = r.installation_id
        WHERE workspace_id = $1 AND removed_at IS NULL AND owner || '/' || name LIKE $2 ORDER BY 1`,
      [workspaceId, `%${like}%`],
    );
    return rows.map(({ name }) => name);
  };

  const SEARCHES = [undefined, 'acme/repo-', 'repo-000', 'o-055', '9', '99', 'no-such-name'];

  it.each(SEARCHES.flatMap((q) => [[q, 'asc'] as const, [q, 'desc'] as const]))(
    '%s, %s',
    async (q, order) => {
      const listed: string[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const filter = { ...(q && { q }), ...(cursor && { cursor }) };
        const { data, next_cursor: next } = await listRepositories(
          { workspaceId, repositoryIds: null },
          { limit: 100, order, ...filter },
        );
        listed.push(...data.map(({ full_name }) => full_name));
        cursor = next;
      }
      const expected = await stored(q ?? '');
      expect(listed).toEqual(order === 'asc' ? expected : expected.reverse());
    },
  );
});

it('counts the repositories of an installation without reading them', async () => {
  const [one, two] = await listInstallations(workspaceId);
  expect((one?.repository_count ?? 0) + (two?.repository_count ?? 0)).toBe(SHARED * 0.9);
  await expect(rowsRead(owner, 'repositories', () => listInstallations(workspaceId))).rejects.toThrow(
    'no statement on repositories',
  );
});
