import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApiKeyActor, WorkloadActor } from '../actor';
import { makeApiKeyActor, makeWorkloadActor, makeWorkspace, startTestApp } from '../auth/test-fixtures';
import { getDb } from '../db/client';

const environment = await startTestApp();
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
beforeAll(() => owner.connect());
afterAll(() => owner.end());

let workspace: { id: string; slug: string };
beforeEach(async () => {
  workspace = await makeWorkspace();
});

type Row = { type: string; id: string; clientIp?: string | null; details?: object; workspaceId?: string };

const insert = ({ type, id, clientIp = '192.0.2.7', details = {}, workspaceId = workspace.id }: Row) =>
  getDb()
    .$executeRaw`INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, client_ip, request_id, details)
    VALUES (${workspaceId}::uuid, 'github.token_minted', ${type}, ${id}, 'x', ${clientIp}::inet, 'r', ${details})`;

const byKey = (key: ApiKeyActor, clientIp?: string | null): Row => ({
  type: 'api_key',
  id: key.id,
  ...(clientIp !== undefined && { clientIp }),
});

const byWorkload = (
  { id, issuer, subject, rule }: WorkloadActor,
  details: { repositories?: unknown; workload?: object } = {},
): Row => ({ type: 'workload', id, details: { workload: { issuer, subject, rule }, ...details } });

const rowWaits = () =>
  getDb().$queryRaw<unknown[]>`
    SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
      AND query LIKE 'INSERT INTO audit_events%'`;

describe('the database', () => {
  it('rejects a mint’s audit row for an address outside the networks of its key', async () => {
    const key = await makeApiKeyActor(workspace);
    await expect(insert(byKey(key))).resolves.toBe(1);
    await getDb().apiKey.update({
      where: { id: key.id },
      data: { networks: ['192.0.2.0/29', '2001:db8::/32', '203.0.113.9'] },
    });
    for (const inside of ['192.0.2.7', '2001:db8:1::1', '203.0.113.9'])
      await expect(insert(byKey(key, inside))).resolves.toBe(1);
    for (const outside of ['192.0.2.8', '2001:db9::1', '203.0.113.10', '::ffff:192.0.2.7', null])
      await expect(insert(byKey(key, outside)), String(outside)).rejects.toThrow('authority');
  });

  it('rejects a mint’s audit row for a key of a workspace that forbids keys', async () => {
    const [key, other] = [await makeApiKeyActor(workspace), await makeApiKeyActor(await makeWorkspace())];
    await getDb().workspace.update({ where: { id: workspace.id }, data: { apiKeysAllowed: false } });
    await expect(insert(byKey(key))).rejects.toThrow('authority');
    await expect(insert({ ...byKey(other), workspaceId: other.workspace.id })).resolves.toBe(1);
    await expect(insert(byWorkload(await makeWorkloadActor(workspace)))).resolves.toBe(1);
  });

  it('rejects a mint’s audit row for a rule that is unknown, another workspace’s, expired or revoked', async () => {
    const rule = await makeWorkloadActor(workspace);
    await expect(insert(byWorkload(rule))).resolves.toBe(1);
    await expect(insert({ ...byWorkload(rule), id: randomUUID() })).rejects.toThrow('authority');
    const foreign = await makeWorkloadActor(await makeWorkspace());
    await expect(insert(byWorkload(foreign))).rejects.toThrow('authority');
    await expect(insert({ ...byWorkload(rule), type: 'api_key' })).rejects.toThrow('authority');
    const key = await makeApiKeyActor(workspace);
    await expect(insert({ ...byWorkload(rule), id: key.id })).rejects.toThrow('authority');
    for (const ended of [{ expiresAt: new Date(Date.now() - 1) }, { revokedAt: new Date() }]) {
      const { id } = await getDb().trustRule.update({ where: { id: rule.id }, data: ended });
      await expect(insert(byWorkload(rule))).rejects.toThrow('authority');
      await getDb().trustRule.update({ where: { id }, data: { expiresAt: null, revokedAt: null } });
    }
    await expect(insert(byWorkload(rule))).resolves.toBe(1);
  });

  it('rejects a mint’s audit row that names another rule, issuer or revision than its rule has', async () => {
    const rule = await makeWorkloadActor(workspace);
    const { issuer, subject, rule: named } = rule;
    for (const workload of [
      undefined,
      {},
      { issuer, subject },
      { issuer: `${issuer}/`, subject, rule: named },
      { issuer, subject, rule: { ...named, id: randomUUID() } },
      { issuer, subject, rule: { ...named, revision: 1 } },
      { issuer, subject, rule: { ...named, revision: null } },
    ])
      await expect(
        insert(byWorkload(rule, { workload: workload as object })),
        JSON.stringify(workload),
      ).rejects.toThrow('authority');
    await getDb().trustRule.update({ where: { id: rule.id }, data: { revision: 1 } });
    await expect(insert(byWorkload(rule))).rejects.toThrow('authority');
  });

  it('accepts a mint’s audit row for a bound rule only if the rule grants its repositories', async () => {
    const rule = await makeWorkloadActor(workspace, { repositoryIds: [1, 2] });
    for (const repositories of ['all', [{ id: 3 }], [{ id: 1 }, { id: 3 }], [{}], ['acme/api'], [1], null])
      await expect(insert(byWorkload(rule, { repositories }))).rejects.toThrow('authority');
    await expect(insert(byWorkload(rule))).rejects.toThrow('authority');
    await expect(insert(byWorkload(rule, { repositories: [{ id: 2 }, { id: 1 }] }))).resolves.toBe(1);
    await getDb().trustRule.update({ where: { id: rule.id }, data: { repositoryIds: [] } });
    await expect(insert(byWorkload(rule, { repositories: [{ id: 1 }] }))).rejects.toThrow('authority');
  });

  it.each([
    ['a rule is revoked', 'UPDATE trust_rules SET revoked_at = $2 WHERE id = $1', '2026-01-01'],
    ['a rule expires', 'UPDATE trust_rules SET expires_at = $2 WHERE id = $1', '2026-01-01'],
    ['a rule’s claims change', 'UPDATE trust_rules SET revision = $2 WHERE id = $1', 7],
    [
      'a rule loses a repository',
      'UPDATE trust_rules SET bound = true, repository_ids = $2 WHERE id = $1',
      [9],
    ],
    ['a rule is deleted', 'DELETE FROM trust_rules WHERE id = $1 AND $2', true],
  ])('delays a mint’s audit row while %s, and then rejects the row', async (_, change, value) => {
    const row = byWorkload(await makeWorkloadActor(workspace), { repositories: [{ id: 1 }] });
    await owner.query('BEGIN');
    await owner.query(change, [row.id, value]);
    const recorded = insert(row).then(
      () => 'recorded',
      (error: unknown) => String(error),
    );
    await expect.poll(rowWaits, { interval: 20 }).toHaveLength(1);
    await owner.query('COMMIT');
    expect(await recorded).toContain('authority');
  });
});
