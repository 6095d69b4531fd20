import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  makeInstallation,
  makeUser,
  makeWorkspace,
  readAudit,
  startTestApp,
  TEST_ORIGIN,
  TEST_USE,
} from '../auth/test-fixtures';
import { getDb, inTransaction } from '../db/client';
import { getPool } from '../db/pool';
import { refusedService } from '../problem';
import { authenticateApiKey, hashApiKey } from './key';
import { createApiKey, revokeApiKey, rotateApiKey } from './manage';
import { listApiKeys } from './read-api-keys';

await startTestApp();

async function makeAdministration() {
  const workspace = await makeWorkspace('owner');
  const [actor = await makeUser()] = workspace.people;
  return {
    slug: workspace.slug,
    workspaceId: workspace.id,
    by: { workspaceId: workspace.id, actor, origin: TEST_ORIGIN },
  };
}

const use = (key: string) => authenticateApiKey(key, TEST_USE);

describe('a new API key', () => {
  it('authenticates a caller for its workspace', async () => {
    const { by, slug, workspaceId } = await makeAdministration();
    const { key, id } = await createApiKey(by, { name: 'engine' });
    expect(await use(key)).toMatchObject({
      type: 'api_key',
      id,
      label: 'engine',
      workspace: { id: workspaceId, slug },
      repositoryIds: null,
    });
  });

  it('is stored only as its hash, and appears in no audit row', async () => {
    const { by, workspaceId } = await makeAdministration();
    const { key } = await createApiKey(by, { name: 'engine' });
    const stored = await getDb().apiKey.findFirstOrThrow({ where: { workspaceId } });
    expect(Buffer.from(stored.hash).equals(hashApiKey(key))).toBe(true);
    const { rows } = await getPool().query(
      'SELECT k::text AS key, e::text AS event FROM api_keys k, audit_events e',
    );
    expect(JSON.stringify(rows)).not.toContain(key.slice(-38 + 4));
  });

  it('is audited with its creator, or not at all if it could not be created', async () => {
    const { by, workspaceId } = await makeAdministration();
    const { id } = await createApiKey(by, { name: 'engine' });
    await expect(createApiKey(by, { name: 'engine', repositories: ['acme/none'] })).rejects.toThrow();
    expect(await readAudit(workspaceId)).toMatchObject([
      {
        type: 'api_key.created',
        actorId: by.actor.id,
        clientIp: '192.0.2.7',
        details: { api_key_id: id, name: 'engine', repository_ids: null, expires_at: null },
      },
    ]);
    expect(await getDb().apiKey.count({ where: { workspaceId } })).toBe(1);
  });
});

describe('a key bound to repositories', () => {
  it('accepts ids and names in any letter case, and stores distinct ids', async () => {
    const { by, workspaceId } = await makeAdministration();
    const { repositoryIds } = await makeInstallation(workspaceId, ['acme/api', 'acme/web']);
    const [api = 0, web = 0] = repositoryIds;
    const created = await createApiKey(by, { name: 'engine', repositories: ['Acme/API', api, web] });
    expect(created.repositories).toEqual([
      { id: api, full_name: 'acme/api' },
      { id: web, full_name: 'acme/web' },
    ]);
    expect((await use(created.key)).repositoryIds).toEqual([api, web]);
  });

  it('does not follow a name to a recreated repository', async () => {
    const { by, workspaceId } = await makeAdministration();
    const { id, repositoryIds } = await makeInstallation(workspaceId, ['acme/api']);
    const { key } = await createApiKey(by, { name: 'engine', repositories: ['acme/api'] });
    await getDb().repository.updateMany({ where: { installationId: id }, data: { name: 'renamed' } });
    await makeInstallation(workspaceId, ['acme/api']);
    expect((await use(key)).repositoryIds).toEqual(repositoryIds);
  });

  it('refuses a name that currently matches two repositories', async () => {
    const { by, workspaceId } = await makeAdministration();
    await makeInstallation(workspaceId, ['acme/api']);
    await makeInstallation(workspaceId, ['acme/api']);
    await expect(createApiKey(by, { name: 'engine', repositories: ['acme/api'] })).rejects.toMatchObject({
      code: 'repository_not_accessible',
    });
  });

  it('refuses unknown, removed, suspended and other workspaces’ repositories with the same error', async () => {
    const { by, workspaceId } = await makeAdministration();
    const other = await makeAdministration();
    const foreign = await makeInstallation(other.workspaceId, ['acme/foreign']);
    const removed = await makeInstallation(workspaceId, ['acme/removed']);
    await getDb().repository.updateMany({
      where: { installationId: removed.id },
      data: { removedAt: new Date() },
    });
    await makeInstallation(workspaceId, ['acme/suspended'], 'suspended');
    await makeInstallation(workspaceId, ['acme/deleted'], 'deleted');
    for (const wanted of [
      'acme/unknown',
      'acme/removed',
      'acme/suspended',
      'acme/deleted',
      'acme/foreign',
      ...foreign.repositoryIds,
      9_007_199_254_740_991,
    ])
      await expect(createApiKey(by, { name: 'engine', repositories: [wanted] })).rejects.toMatchObject({
        code: 'repository_not_accessible',
        errors: [{ path: 'repositories.0', message: `${wanted} is not shared with this workspace` }],
      });
  });

  it('may read nothing, not everything, when its list is empty', async () => {
    const { by } = await makeAdministration();
    const { key } = await createApiKey(by, { name: 'engine', repositories: [] });
    expect((await use(key)).repositoryIds).toEqual([]);
  });
});

describe('refusals', () => {
  it('are the same for unknown, expired and revoked keys', async () => {
    const { by } = await makeAdministration();
    const expired = await createApiKey(by, { name: 'expired', expires_in: 1 });
    const revoked = await createApiKey(by, { name: 'revoked' });
    await use(revoked.key);
    await revokeApiKey(by, revoked.id);
    const deleted = await createApiKey(by, { name: 'deleted' });
    await getDb().apiKey.delete({ where: { id: deleted.id } });
    await new Promise((resolve) => setTimeout(resolve, 20));

    const messages = await Promise.all(
      [expired.key, revoked.key, deleted.key].map((key) => use(key).catch((error: Error) => error.message)),
    );
    expect(new Set(messages)).toEqual(new Set([refusedService().message]));
  });

  it.each([null, '', 'Bearer', 'Basic abc', 'ghs_x', `psk_dev_${'a'.repeat(38)}`])(
    'reject the malformed credential %j',
    async (key) => {
      await expect(authenticateApiKey(key, TEST_USE)).rejects.toMatchObject({ code: 'unauthenticated' });
    },
  );
});

describe('rotation', () => {
  it('creates a successor with the same repositories, while the old key works for the overlap', async () => {
    const { by, workspaceId } = await makeAdministration();
    const { repositoryIds } = await makeInstallation(workspaceId, ['acme/api']);
    const old = await createApiKey(by, { name: 'engine', repositories: ['acme/api'] });
    const fresh = await rotateApiKey(by, old.id, { overlap: 60_000 });
    expect(fresh).toMatchObject({
      name: 'engine',
      expires_at: null,
      repositories: [{ id: repositoryIds[0] }],
    });
    expect((await use(old.key)).id).toBe(old.id);
    expect((await use(fresh.key)).repositoryIds).toEqual(repositoryIds);
    expect((await readAudit(workspaceId)).at(-1)).toMatchObject({
      type: 'api_key.rotated',
      details: { api_key_id: fresh.id, rotated_api_key_id: old.id },
    });
  });

  it('ends the old key immediately if there is no overlap', async () => {
    const { by } = await makeAdministration();
    const old = await createApiKey(by, { name: 'engine' });
    await rotateApiKey(by, old.id, { overlap: 0 });
    await expect(use(old.key)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('ends the old key when the overlap is over, and not the new one', async () => {
    const { by } = await makeAdministration();
    const old = await createApiKey(by, { name: 'engine' });
    const fresh = await rotateApiKey(by, old.id, { overlap: 60_000 });
    expect((await use(old.key)).id).toBe(old.id);
    await getDb().apiKey.update({ where: { id: old.id }, data: { expiresAt: new Date() } });
    await expect(use(old.key)).rejects.toMatchObject({ code: 'unauthenticated' });
    expect((await use(fresh.key)).id).toBe(fresh.id);
  });

  it('never prolongs the old key, and gives the new one the same lifetime', async () => {
    const { by } = await makeAdministration();
    const old = await createApiKey(by, { name: 'engine', expires_in: 60_000 });
    const fresh = await rotateApiKey(by, old.id, { overlap: 3_600_000 });
    const { data } = await listApiKeys(by.workspaceId, { limit: 10 });
    expect(data.find((key) => key.id === old.id)?.expires_at).toBe(old.expires_at);
    const lifetime = Date.parse(fresh.expires_at ?? '') - Date.parse(fresh.created_at);
    expect(Math.abs(lifetime - 60_000)).toBeLessThan(5000);
  });

  it('keeps the original lifetime when a key is rotated repeatedly', async () => {
    const { by } = await makeAdministration();
    for (const [expires_in, lifetime] of [
      [undefined, null],
      [90 * 86_400_000, 90],
    ] as const) {
      const first = await createApiKey(by, { name: 'engine', expires_in });
      const second = await rotateApiKey(by, first.id, { overlap: 86_400_000 });
      await rotateApiKey(by, second.id, { overlap: 3_600_000 });
      for (const { id } of [first, second]) {
        const again = await rotateApiKey(by, id, { overlap: 0 });
        const days =
          again.expires_at === null
            ? null
            : Math.round((Date.parse(again.expires_at) - Date.parse(again.created_at)) / 86_400_000);
        expect(days).toBe(lifetime);
      }
    }
  });

  it('does not restore a revoked key', async () => {
    const { by } = await makeAdministration();
    const { id } = await createApiKey(by, { name: 'engine' });
    await revokeApiKey(by, id);
    await expect(rotateApiKey(by, id, { overlap: 0 })).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

it('neither revokes nor rotates a key that belongs to another workspace or does not exist', async () => {
  const { by } = await makeAdministration();
  const other = await makeAdministration();
  const foreign = await createApiKey(other.by, { name: 'foreign' });
  for (const id of [foreign.id, randomUUID(), 'nonsense']) {
    await expect(revokeApiKey(by, id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(rotateApiKey(by, id, { overlap: 0 })).rejects.toMatchObject({ code: 'not_found' });
  }
  expect((await use(foreign.key)).id).toBe(foreign.id);
});

describe('a former admin', () => {
  const managed = {
    create: (by: Administration) => createApiKey(by, { name: 'late' }),
    rotate: (by: Administration, id: string) => rotateApiKey(by, id, { overlap: 0 }),
    revoke: (by: Administration, id: string) => revokeApiKey(by, id),
  };
  type Administration = Awaited<ReturnType<typeof makeAdministration>>['by'];

  it.each(Object.entries(managed))('cannot %s a key', async (_, attempt) => {
    for (const role of ['member', null] as const) {
      const { by, workspaceId } = await makeAdministration();
      const { id, key } = await createApiKey(by, { name: 'engine' });
      const membership = { workspaceId_userId: { workspaceId, userId: by.actor.id } };
      if (role === null) await getDb().membership.delete({ where: membership });
      else await getDb().membership.update({ where: membership, data: { role } });
      await expect(attempt(by, id)).rejects.toMatchObject({ code: 'forbidden' });
      expect(await getDb().apiKey.count({ where: { workspaceId } })).toBe(1);
      expect((await use(key)).id).toBe(id);
    }
  });

  it('is refused when the removal is committed while the key is created', async () => {
    const { by, workspaceId } = await makeAdministration();
    let attempt: Promise<unknown> | undefined;
    await inTransaction(async (tx) => {
      await tx.membership.delete({
        where: { workspaceId_userId: { workspaceId, userId: by.actor.id } },
      });
      attempt = createApiKey(by, { name: 'late' });
      attempt.catch(() => {});
      await expect.poll(() => waitingForLocks()).toBe(1);
    });
    await expect(attempt).rejects.toMatchObject({ code: 'forbidden' });
    expect(await getDb().apiKey.count({ where: { workspaceId } })).toBe(0);
  });

  const waitingForLocks = async () => {
    const { rows } = await getPool().query<{ waiting: number }>(
      `SELECT count(*)::int AS waiting FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rows[0]?.waiting;
  };
});

it('audits one revocation when several callers revoke the key concurrently', async () => {
  const { by, workspaceId } = await makeAdministration();
  const { id } = await createApiKey(by, { name: 'engine' });
  await Promise.all(Array.from({ length: 5 }, () => revokeApiKey(by, id)));
  expect((await readAudit(workspaceId)).map((event) => event.type)).toEqual([
    'api_key.created',
    'api_key.revoked',
  ]);
});

it('lists keys newest first, page by page, without their secrets', async () => {
  const { by, workspaceId } = await makeAdministration();
  const made = [];
  for (let i = 0; i < 5; i++) made.push(await createApiKey(by, { name: `key ${i}` }));
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await listApiKeys(workspaceId, { limit: 2, ...(cursor === null ? {} : { cursor }) });
    seen.push(...page.data.map((key) => key.id));
    expect(JSON.stringify(page)).not.toContain('"key"');
    cursor = page.next_cursor;
  } while (cursor !== null);
  expect(seen).toEqual(made.map((key) => key.id).reverse());
  await expect(listApiKeys(workspaceId, { limit: 2, cursor: 'bogus' })).rejects.toMatchObject({
    code: 'invalid_request',
  });
});

it('writes the last use at most once a minute, however many requests arrive concurrently', async () => {
  const { by, workspaceId } = await makeAdministration();
  const { key, id } = await createApiKey(by, { name: 'engine' });
  const version = async () => {
    const { rows } = await getPool().query<{ xmin: string; last_used_at: Date | null }>(
      'SELECT xmin::text, last_used_at FROM api_keys WHERE id = $1',
      [id],
    );
    return rows[0];
  };
  await Promise.all(Array.from({ length: 20 }, () => use(key)));
  await expect.poll(async () => (await version())?.last_used_at).not.toBeNull();
  const first = await version();
  await Promise.all(Array.from({ length: 20 }, () => use(key)));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await version()).toEqual(first);
  expect((await listApiKeys(workspaceId, { limit: 1 })).data[0]?.last_used_at).toBe(
    first?.last_used_at?.toISOString(),
  );
});
