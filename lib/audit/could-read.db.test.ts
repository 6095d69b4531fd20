import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { SYSTEM_SYNC, type UserActor } from '../actor';
import { makeInstallation, makeWorkspace, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import { AuditEventsQuery, type Json } from '../contract/audit-event';
import { getDb } from '../db/client';
import { listAuditEvents } from './list';
import { readAuditEvents } from './read';
import { recordAuditEventNow } from './record';
import { untyped } from './test-event';

const environment = await startTestApp();
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
beforeAll(() => owner.connect());
afterAll(() => owner.end());

let engineer: UserActor;
let workspaceId: string;
let installation: { id: number; repositoryIds: number[] };
let api: number;

beforeEach(async () => {
  const made = await makeWorkspace('member');
  workspaceId = made.id;
  engineer = made.people[0] as UserActor;
  installation = await makeInstallation(workspaceId, ['acme/api', 'acme/api-gateway']);
  [api = 0] = installation.repositoryIds;
});

async function mint(details: { [key: string]: Json }, actor: UserActor | typeof SYSTEM_SYNC = engineer) {
  const event = { workspaceId, type: 'github.token_minted', actor, origin: TEST_ORIGIN } as const;
  return (await recordAuditEventNow(untyped({ ...event, installationId: installation.id, details }))).seq;
}

const listVersion = async () =>
  Number(
    (await getDb().installation.findUniqueOrThrow({ where: { id: installation.id } })).repositoryListVersion,
  );
const mintForAll = async (version?: number) =>
  mint({ repositories: 'all', repository_list_version: version ?? (await listVersion()) });
const mintFor = (id: number, full_name: string) => mint({ repositories: [{ id, full_name }] });

const setRemoved = (id: number, removedAt: Date | null) =>
  getDb().repository.updateMany({ where: { id }, data: { removedAt } });

/**
 * Inserts mints dated two hours ago. The append trigger is disabled meanwhile, because it would set the current time.
 */
async function mintedTwoHoursAgo(count: number): Promise<void> {
  await owner.query('ALTER TABLE audit_events DISABLE TRIGGER audit_events_append');
  try {
    await owner.query(
      `INSERT INTO audit_events (workspace_id, seq, occurred_at, workspace_slug, type, actor_type, actor_id, actor_label,
          installation_id, request_id, details, prev_hash, hash)
        SELECT $1, n, now() - interval '2 hours', 'w', 'github.token_minted', 'system', 'x', 'x', $2, 'r',
          '{"repositories":"all","repository_list_version":1}', '', '' FROM generate_series(1, $3::int) AS n`,
      [workspaceId, installation.id, count],
    );
    await owner.query('INSERT INTO audit_chains VALUES ($1, $2, $3)', [workspaceId, count, '']);
  } finally {
    await owner.query('ALTER TABLE audit_events ENABLE ALWAYS TRIGGER audit_events_append');
  }
}

/** Returns the matching events. Checks that the paged list and the export find the same events. */
async function whoCouldRead(repository: string, more: Record<string, string> = {}): Promise<number[]> {
  const query = AuditEventsQuery.parse({ repository, limit: '2', ...more });
  const listed: number[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await listAuditEvents(workspaceId, { ...query, ...(cursor ? { cursor } : {}) });
    listed.push(...page.data.map(({ seq }) => seq));
    cursor = page.next_cursor;
  }
  const exported: number[] = [];
  for await (const { seq } of readAuditEvents(workspaceId, { repository, ...more })) exported.push(seq);
  expect([...listed].reverse()).toEqual(exported);
  return exported;
}

it('finds tokens that name a repository and tokens for all, by its id or its name in any letter case', async () => {
  const all = await mintForAll();
  const named = await mintFor(api, 'acme/api');
  await mintFor(installation.repositoryIds[1] ?? 0, 'acme/api-gateway');
  for (const repository of ['acme/api', 'Acme/API', String(api)])
    expect(await whoCouldRead(repository)).toEqual([all, named]);
  expect(await whoCouldRead('acme/ap')).toEqual([]);
  expect(await whoCouldRead('acme/api', { actor: engineer.label })).toEqual([all, named]);
  expect(await whoCouldRead('acme/api', { actor: 'somebody' })).toEqual([]);
});

it('finds a removed repository’s older tokens, and none minted after the removal', async () => {
  const before = await mintForAll();
  await setRemoved(api, new Date());
  await mintForAll();
  expect(await whoCouldRead('acme/api')).toEqual([before]);
  await setRemoved(api, null);
  const again = await mintForAll();
  // The token minted while the repository was removed was still valid when the repository came back.
  expect(await whoCouldRead('acme/api')).toEqual([before, again - 1, again]);
});

it('judges a token whose mint overlapped a removal by the repository list that it was minted for', async () => {
  const version = await listVersion();
  await setRemoved(api, new Date());
  const underWay = await mintForAll(version);
  await mintForAll();
  expect(await whoCouldRead('acme/api')).toEqual([underWay]);
});

it('finds the tokens that were still valid when a repository was added, and no older ones', async () => {
  await mintedTwoHoursAgo(3);
  const alive = await mintForAll();
  // Act as if a sync had read the complete list at this point, when the list did not contain the repository.
  await getDb().installation.update({ where: { id: installation.id }, data: { listReadSeq: alive } });
  await getDb().repository.create({
    data: {
      id: 999_001,
      installationId: installation.id,
      owner: 'acme',
      name: 'late',
      cloneUrl: 'x',
      defaultBranch: 'main',
      private: true,
    },
  });
  const after = await mintForAll();
  expect(await whoCouldRead('acme/late')).toEqual([alive, after]);
  expect(await whoCouldRead('acme/api')).toEqual([1, 2, 3, alive, after]);
});

it('finds a repository that was renamed, removed and deleted here by each of its names', async () => {
  const all = await mintForAll();
  const old = await mintFor(api, 'acme/api');
  await getDb().repository.updateMany({ where: { id: api }, data: { name: 'core' } });
  const renamed = await mintFor(api, 'acme/core');
  await getDb().repository.deleteMany({ where: { id: api } });
  for (const repository of ['acme/api', 'acme/core', String(api)])
    expect(await whoCouldRead(repository)).toEqual([all, old, renamed]);
});

it('finds all tokens of a repository that was removed, renamed and shared again, by each of its names', async () => {
  const before = await mintForAll();
  await setRemoved(api, new Date());
  await getDb().repository.updateMany({ where: { id: api }, data: { name: 'core', removedAt: null } });
  const after = await mintForAll();
  for (const repository of ['acme/api', 'acme/core', String(api)])
    expect(await whoCouldRead(repository)).toEqual([before, after]);
});

it('follows each repository that one statement removes, renames or shares again', async () => {
  installation = await makeInstallation(workspaceId, ['acme/out', 'acme/kept', 'acme/back']);
  const [out = 0, kept = 0, back = 0] = installation.repositoryIds;
  await setRemoved(back, new Date());
  const before = await mintForAll();
  await owner.query(
    `UPDATE repositories SET removed_at = CASE WHEN id = $1 THEN now() END,
        name = CASE WHEN id = $2 THEN 'new-name' ELSE name END
      WHERE installation_id = $3`,
    [out, kept, installation.id],
  );
  const after = await mintForAll();
  expect(await whoCouldRead(String(out))).toEqual([before]);
  expect(await whoCouldRead('acme/kept')).toEqual([before, after]);
  expect(await whoCouldRead('acme/new-name')).toEqual([before, after]);
  expect(await whoCouldRead(String(back))).toContain(after);
});

it('finds a transferred repository’s tokens from both installations, by each of its names', async () => {
  const before = await mintForAll();
  const gaining = await makeInstallation(workspaceId, ['globex/web']);
  await setRemoved(api, new Date());
  const row = { owner: 'globex', name: 'api', cloneUrl: 'x', defaultBranch: 'main', private: true };
  await getDb().repository.create({ data: { ...row, id: api, installationId: gaining.id } });
  installation = gaining;
  const after = await mintForAll();
  for (const repository of ['acme/api', 'globex/api', String(api)])
    expect(await whoCouldRead(repository)).toEqual([before, after]);
});

it('leaves out tokens for syncs and tokens of other workspaces', async () => {
  await mint({ repositories: 'all' }, SYSTEM_SYNC);
  const mine = await mintForAll();
  const other = await makeWorkspace('member');
  const theirs = await makeInstallation(other.id, ['acme/api']);
  await recordAuditEventNow(
    untyped({
      workspaceId: other.id,
      type: 'github.token_minted',
      actor: other.people[0] as UserActor,
      origin: TEST_ORIGIN,
      installationId: theirs.id,
      details: { repositories: 'all' },
    }),
  );
  expect(await whoCouldRead('acme/api')).toEqual([mine]);
});

it('finds nothing for an index entry whose audit row does not name the repository', async () => {
  const other = await mintFor(1, 'acme/other');
  await getDb().$executeRaw`INSERT INTO minted_repositories (workspace_id, repository_id, seq, name)
    VALUES (${workspaceId}::uuid, ${api}, ${other}, 'acme/api')`;
  expect(await whoCouldRead('acme/api')).toEqual([]);
});

it('updates a list’s version and count when a repository joins or leaves it, and on no other change', async () => {
  const read = async () => {
    const row = await getDb().installation.findUniqueOrThrow({ where: { id: installation.id } });
    return { version: Number(row.repositoryListVersion), count: row.repositoryCount };
  };
  const { version } = await read();
  expect((await read()).count).toBe(2);
  await getDb().repository.updateMany({ where: { id: api }, data: { archived: true, name: 'core' } });
  expect(await read()).toEqual({ version, count: 2 });
  await getDb().repository.updateMany({ where: { id: 0 }, data: { removedAt: new Date() } });
  expect(await read()).toEqual({ version, count: 2 });
  await setRemoved(api, new Date());
  expect(await read()).toEqual({ version: version + 1, count: 1 });
  await getDb().repository.deleteMany({ where: { id: api } });
  expect(await read()).toEqual({ version: version + 1, count: 1 });
});
