import { rm } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { listAuditEvents } from '../lib/audit/list';
import { readAuditEvents } from '../lib/audit/read';
import { recordAuditEventNow, recordMint } from '../lib/audit/record';
import { verifyAuditChain } from '../lib/audit/verify';
import { TEST_ORIGIN, testEnvironment } from '../lib/auth/test-fixtures';
import { getConfig } from '../lib/config';
import { AuditEventsQuery } from '../lib/contract/audit-event';
import { closeDb } from '../lib/db/client';
import { findPowers } from '../lib/db/role-powers';
import { createEmptyTestDatabase } from '../local/test/database';
import { diffSchemaAgainstDatabase, type MigrateResult, migrate } from './migrate';
import { copyVersionBefore, fill, ID, type Mints, mint } from './test-version-before';

const database = await createEmptyTestDatabase();
for (const [name, value] of Object.entries(testEnvironment(database.appUrl))) vi.stubEnv(name, value);
// Parse and cache the configuration now, because Vitest restores the environment variables before the first test.
getConfig();
const clients: pg.Client[] = [];
afterAll(async () => {
  await closeDb();
  for (const client of clients) await client.end();
});

/** Queries for the data that no migration is allowed to change: the previous version's columns, with the rows' ids. */
const KEPT = [
  'SELECT workspace_id, seq, md5(e::text) AS row, hash FROM audit_events AS e WHERE request_id NOT LIKE $1 ORDER BY 1, 2',
  `SELECT id, state_hash, user_id, status::text, candidate_installation_id, proven_installation_ids, expires_at, consumed_at,
    outcome, requester_github_id, requested_account_id, requested_account_login FROM connect_attempts WHERE $1 <> '' ORDER BY 1`,
  `SELECT id, workspace_id, account_login, status::text, suspended_at, deleted_at, revision, sync_error FROM installations
    WHERE $1 <> '' ORDER BY 1`,
  `SELECT installation_id, id, owner, name, removed_at FROM repositories WHERE $1 <> '' ORDER BY 1, 2`,
  `SELECT id, event, action, installation_id, outcome, received_at FROM webhook_deliveries WHERE $1 <> '' ORDER BY 1`,
  `SELECT id, workspace_id, hash, display_prefix, name, repository_ids, bound, created_by, created_at, expires_at, last_used_at,
    revoked_at FROM api_keys WHERE $1 <> '' ORDER BY 1`,
  `SELECT id, slug, name, created_at FROM workspaces WHERE $1 <> '' ORDER BY 1`,
  `SELECT md5((to_jsonb(i) - 'link_digest')::text) FROM invitations AS i WHERE $1 <> '' ORDER BY 1`,
  `SELECT md5((to_jsonb(m) - 'hides_first_steps')::text) FROM memberships AS m WHERE $1 <> '' ORDER BY 1`,
];
const WRITTEN_MEANWHILE = 'meanwhile';

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  clients.push(client);
  return client;
}

async function readKept(client: pg.Client): Promise<unknown[]> {
  const kept: unknown[] = [];
  for (const sql of KEPT) kept.push((await client.query(sql, [WRITTEN_MEANWHILE])).rows);
  return kept;
}

/** Keeps minting and changing a repository, as the previous version did, until `stop` is called. */
function writeMeanwhile(app: pg.Client) {
  const seqs: number[] = [];
  const refused: string[] = [];
  let isStopped = false;
  const write = async () => {
    while (!isStopped) {
      await mint(app, [[102, 'web']], { requestId: WRITTEN_MEANWHILE }).then(
        (seq) => seqs.push(seq),
        ({ message }: Error) => refused.push(message),
      );
      await app
        .query('UPDATE repositories SET archived = NOT archived WHERE installation_id = 14')
        .catch(({ message }: Error) => refused.push(message));
    }
  };
  const ended = write();
  const stop = async () => {
    isStopped = true;
    await ended;
  };
  return { seqs, refused, stop };
}

let owner: pg.Client;
let app: pg.Client;
let mints: Mints;
let before: unknown[];
let result: MigrateResult;
let writer: ReturnType<typeof writeMeanwhile>;

beforeAll(async () => {
  const prismaFolder = await copyVersionBefore();
  afterAll(() => rm(prismaFolder, { recursive: true }));
  await migrate({ ...database, prismaFolder });
  owner = await connect(database.ownerUrl);
  app = await connect(database.appUrl);
  mints = await fill(owner, app);
  before = await readKept(owner);
  writer = writeMeanwhile(await connect(database.appUrl));
  try {
    result = await migrate(database);
  } finally {
    await writer.stop();
  }
});

/** Returns the `seq` of each event that the export finds for a repository, in the order of the chain. */
async function whoCouldRead(repository: string, workspace: string = ID.acme): Promise<number[]> {
  const found: number[] = [];
  for await (const { seq } of readAuditEvents(workspace, { repository })) found.push(seq);
  return found;
}

const inOrder = (...seqs: number[]) => seqs.sort((a, b) => a - b);

test('migrates a database with data once, to the schema that schema.prisma describes', async () => {
  expect(result.applied.length).toBeGreaterThan(10);
  expect(await diffSchemaAgainstDatabase(database.ownerUrl)).toBe('');
  expect((await migrate(database)).applied).toEqual([]);
});

test('changes no row of the previous version, and every chain still verifies', async () => {
  expect(await readKept(owner)).toEqual(before);
  for (const workspace of [ID.acme, ID.other]) {
    const { rows } = await owner.query('SELECT seq, head_hash FROM audit_chains WHERE workspace_id = $1', [
      workspace,
    ]);
    const verified = await verifyAuditChain(workspace);
    expect(verified).toEqual({ ok: true, events: Number(rows[0]?.seq), head_hash: rows[0]?.head_hash });
  }
});

test('lets a writer of the previous version continue during the migration, without an error or a loss', async () => {
  expect(writer.refused).toEqual([]);
  expect(writer.seqs.length).toBeGreaterThan(0);
  expect(await whoCouldRead('acme/web')).toEqual(inOrder(...mints.forAll, ...writer.seqs));
});

test('finds older tokens by a repository’s id and by each of its names, whether they cover all repositories or name some', async () => {
  const all = [...mints.forAll];
  const [, second, third, fourth, fifth, sixth] = mints.forAll;
  for (const api of ['acme/api', '101'])
    expect(await whoCouldRead(api)).toEqual(inOrder(...all, mints.ofApi));
  for (const renamed of ['acme/kernel', 'acme/core', '104'])
    expect(await whoCouldRead(renamed)).toEqual(inOrder(...all, mints.ofKernel));
  expect(await whoCouldRead('acme/gone')).toEqual(all.slice(0, -1));
  // A sync found `acme/late`, an hour after the sync before it. The repository may have been added at any time in that
  // hour, so any token still valid then could have read it.
  expect(await whoCouldRead('acme/late')).toEqual([second, third, fourth, fifth, sixth]);
  expect(await whoCouldRead('acme/site')).toEqual([mints.suspended]);
  expect(await whoCouldRead('acme/legacy')).toEqual([mints.deleted]);
  expect(await whoCouldRead('acme/api', ID.other)).toHaveLength(800);
});

test('finds every token even if the log does not name each addition and each removal of a repository', async () => {
  // `acme/twice` was shared and removed a second time, in events that named only other repositories. So every token for
  // all repositories counts as able to read it.
  expect(await whoCouldRead('acme/twice')).toEqual(mints.forAll);
  // `acme/back` was first shared in an event that named only other repositories.
  expect(await whoCouldRead('acme/back')).toEqual(mints.forAll);
});

test('keeps ended rows ended, and fills the new columns as the code expects', async () => {
  const { rows } = await app.query(
    `SELECT id::int, status::text, end_seen_at, sync_skipped, repository_list_version::int AS version, repository_count AS count,
      (SELECT e.actor_id FROM audit_events AS e WHERE e.workspace_id = i.workspace_id AND e.seq = i.list_read_seq) AS read_by
      FROM installations AS i ORDER BY id`,
  );
  const rest = { end_seen_at: null, sync_skipped: 0, read_by: null };
  expect(rows).toEqual([
    { id: 11, status: 'active', ...rest, version: 1, count: 5, read_by: 'system:sync' },
    { id: 12, status: 'suspended', ...rest, version: 1, count: 1 },
    { id: 13, status: 'deleted', ...rest, version: 1, count: 0 },
    { id: 14, status: 'active', ...rest, version: 1, count: 1 },
    { id: 15, status: 'active', ...rest, version: 0, count: 0 },
  ]);
  await expect(app.query(`UPDATE installations SET status = 'active' WHERE id = 13`)).rejects.toThrow(
    'final',
  );
  for (const installation of [12, 13])
    await expect(mint(app, 'all', { installation })).rejects.toThrow('not active');
});

test('lets the app’s role list, record and mint for a live key, and gives it no other power', async () => {
  expect(result.powersLeft).toEqual([]);
  expect(await findPowers(owner, new URL(database.appUrl).username)).toEqual([]);
  const act = { workspaceId: ID.acme, origin: TEST_ORIGIN, installationId: 11 };
  const by = (id: string) =>
    ({
      type: 'api_key',
      id,
      label: 'engine',
      workspace: { id: ID.acme, slug: 'acme' },
      repositoryIds: null,
    }) as const;
  const minted = (id: string) =>
    recordMint({
      ...act,
      type: 'github.token_minted',
      actor: by(id),
      details: {
        repositories: 'all',
        repository_list_version: 1,
        permissions: { contents: 'read', metadata: 'read' },
        expires_at: '2026-01-31T10:00:00Z',
        hashed_token: '',
      },
    });
  const recorded = await minted(ID.key);
  expect(await minted(ID.revokedKey)).toBe('authority_ended');
  expect(await minted(ID.boundKey)).toBe('authority_ended');
  const seq = typeof recorded === 'string' ? 0 : recorded.seq;
  // Tokens minted now cannot read a repository that was removed before.
  expect(await whoCouldRead('acme/late')).toContain(seq);
  for (const removed of ['acme/gone', 'acme/twice']) expect(await whoCouldRead(removed)).not.toContain(seq);
  await recordAuditEventNow({
    ...act,
    type: 'github.token_denied',
    actor: by(ID.key),
    details: { reason: 'not_found' },
  });
  const page = await listAuditEvents(ID.acme, AuditEventsQuery.parse({ limit: '2', q: 'engine' }));
  expect(page.data.map((event) => event.seq)).toEqual([seq + 1, seq]);
  expect((await verifyAuditChain(ID.acme)).ok).toBe(true);
});

test('creates the extensions without a superuser', async () => {
  const { rows } = await owner.query(
    `SELECT rolsuper, rolcreaterole, (SELECT array_agg(extname::text ORDER BY extname) FROM pg_extension WHERE extowner = r.oid) AS extensions
      FROM pg_roles AS r WHERE rolname = current_user`,
  );
  expect(rows).toEqual([{ rolsuper: false, rolcreaterole: false, extensions: ['btree_gin', 'pg_trgm'] }]);
});
