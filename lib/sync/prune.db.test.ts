import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SYSTEM_CLI } from '../actor';
import { recordAuditEvent, recordAuditEventNow } from '../audit/record';
import { makeInstallation, makeUser, makeWorkspace, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import { getDb, inTransaction } from '../db/client';
import { forgetOld } from './prune';

await startTestApp();

const DAY_MS = 86_400_000;
const ago = (days: number) => new Date(Date.now() - days * DAY_MS);
const bytes = () => new Uint8Array(randomBytes(32));

async function connection(workspaceId: string, endedDaysAgo: number | null, count = 2): Promise<bigint> {
  const names = Array.from({ length: count }, (_, n) => `acme/r${n}`);
  const { id } = await makeInstallation(workspaceId, names, endedDaysAgo === null ? 'active' : 'deleted');
  const deletedAt = endedDaysAgo === null ? null : ago(endedDaysAgo);
  await getDb().installation.update({ where: { id }, data: { deletedAt } });
  return BigInt(id);
}

describe('old rows', () => {
  it('are deleted, be they invitations, keys, attempts, deliveries or repositories of ended connections', async () => {
    const db = getDb();
    const { id: workspaceId } = await makeWorkspace();
    const user = await makeUser();
    const [live, ended, longEnded] = [
      await connection(workspaceId, null),
      await connection(workspaceId, 29),
      await connection(workspaceId, 31),
    ];
    const invite = (email: string, expiresAt: Date, acceptedAt: Date | null = null) =>
      db.invitation.create({ data: { workspaceId, email, role: 'member', expiresAt, acceptedAt } });
    await invite('waits@acme.test', ago(-1));
    await invite('recent@acme.test', ago(29));
    await invite('expired@acme.test', ago(31));
    await invite('accepted@acme.test', ago(-1), ago(31));
    const key = (name: string, ends: { revokedAt?: Date; expiresAt?: Date }) =>
      db.apiKey.create({ data: { workspaceId, hash: bytes(), displayPrefix: 'psk_', name, ...ends } });
    await key('lives', {});
    await key('lives on', { expiresAt: ago(-1) });
    await key('revoked lately', { revokedAt: ago(89) });
    await key('revoked', { revokedAt: ago(91), expiresAt: ago(-1) });
    await key('expired', { expiresAt: ago(91) });
    const attempt = (expiresAt: Date) =>
      db.connectAttempt.create({ data: { workspaceId, userId: user.id, stateHash: bytes(), expiresAt } });
    const kept = await attempt(ago(29));
    await attempt(ago(31));
    const delivery = (id: string, receivedAt: Date) =>
      db.webhookDelivery.create({ data: { id, event: 'ping', outcome: 'ignored', receivedAt } });
    await delivery('recent', ago(29));
    await delivery('old', ago(31));

    expect(await forgetOld()).toEqual({
      webhook_deliveries: 1,
      connect_attempts: 1,
      repositories: 2,
      invitations: 2,
      api_keys: 2,
    });
    const repositories = await db.repository.groupBy({ by: ['installationId'], _count: true });
    expect(repositories.map(({ installationId }) => installationId).sort()).toEqual([live, ended].sort());
    // The ended installation itself stays, because the page still shows it.
    expect(await db.installation.count({ where: { id: longEnded } })).toBe(1);
    const left = await db.apiKey.findMany({ select: { name: true }, orderBy: { name: 'asc' } });
    expect(left.map(({ name }) => name)).toEqual(['lives', 'lives on', 'revoked lately']);
    const emails = await db.invitation.findMany({ select: { email: true }, orderBy: { email: 'asc' } });
    expect(emails.map(({ email }) => email)).toEqual(['recent@acme.test', 'waits@acme.test']);
    expect((await db.connectAttempt.findMany()).map(({ id }) => id)).toEqual([kept.id]);
    expect((await db.webhookDelivery.findMany()).map(({ id }) => id)).toEqual(['recent']);
  });

  it('are deleted in several batches, and locked rows are left for the next pass', async () => {
    const { id: workspaceId } = await makeWorkspace();
    const id = await connection(workspaceId, 31, 2500);
    await inTransaction(async (tx) => {
      const [held] = await tx.$queryRaw<unknown[]>`
        SELECT id FROM repositories WHERE installation_id = ${id} LIMIT 1 FOR UPDATE`;
      expect(held).toBeDefined();
      expect((await forgetOld()).repositories).toBe(2499);
    });
    expect((await forgetOld()).repositories).toBe(1);
  });

  it('are deleted without delaying workspaces while another workspace’s audit chain is busy', async () => {
    const [quiet, busy] = [await makeWorkspace(), await makeWorkspace()];
    for (const { id: workspaceId } of [quiet, busy])
      await getDb().apiKey.create({
        data: { workspaceId, hash: bytes(), displayPrefix: 'psk_', name: 'old', revokedAt: ago(91) },
      });
    const append = (workspaceId: string) => ({
      workspaceId,
      type: 'audit.exported' as const,
      actor: SYSTEM_CLI,
      origin: TEST_ORIGIN,
      details: { format: 'csv' as const },
    });
    const { forgetting } = await inTransaction(async (tx) => {
      await recordAuditEvent(tx, append(busy.id));
      const forgetting = forgetOld();
      await waitingForChain();
      await recordAuditEventNow(append(quiet.id));
      return { forgetting };
    });
    expect((await forgetting).api_keys).toBe(2);
  });
});

async function waitingForChain(): Promise<void> {
  await expect
    .poll(
      () =>
        getDb().$queryRaw`SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
      AND wait_event_type = 'Lock' AND query LIKE '%DELETE FROM api_keys%'`.then(
          (rows) => (rows as unknown[]).length,
        ),
      { timeout: 20_000 },
    )
    .toBe(1);
}
