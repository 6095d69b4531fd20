import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SYSTEM_CLI } from '../actor';
import { recordAuditEvent, recordAuditEventNow } from '../audit/record';
import { makeInstallation, makeUser, makeWorkspace, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import { getDb, inTransaction } from '../db/client';
import { forgetOld } from './prune';

/** A different number for each kind, so that a kind that goes by another one's variable fails. */
const DAYS = { deliveries: 41, attempts: 52, repositories: 63, invitations: 74, keys: 85 };

await startTestApp({
  RETENTION_DELIVERIES_DAYS: String(DAYS.deliveries),
  RETENTION_CONNECT_ATTEMPTS_DAYS: String(DAYS.attempts),
  RETENTION_REPOSITORIES_DAYS: String(DAYS.repositories),
  RETENTION_INVITATIONS_DAYS: String(DAYS.invitations),
  RETENTION_API_KEYS_DAYS: String(DAYS.keys),
});

const DAY_MS = 86_400_000;
const ago = (days: number) => new Date(Date.now() - days * DAY_MS);
/** A day before rows of this kind are deleted, and a day after. */
const kept = (kind: keyof typeof DAYS) => ago(DAYS[kind] - 1);
const old = (kind: keyof typeof DAYS) => ago(DAYS[kind] + 1);
const bytes = () => new Uint8Array(randomBytes(32));

async function connection(workspaceId: string, deletedAt: Date | null, count = 2): Promise<bigint> {
  const names = Array.from({ length: count }, (_, n) => `acme/r${n}`);
  const { id } = await makeInstallation(workspaceId, names, deletedAt === null ? 'active' : 'deleted');
  await getDb().installation.update({ where: { id }, data: { deletedAt } });
  return BigInt(id);
}

describe('old rows', () => {
  it('are deleted after the days that their kind’s variable names', async () => {
    const db = getDb();
    const { id: workspaceId } = await makeWorkspace();
    const user = await makeUser();
    const [live, ended, longEnded] = [
      await connection(workspaceId, null),
      await connection(workspaceId, kept('repositories')),
      await connection(workspaceId, old('repositories')),
    ];
    const invite = (email: string, expiresAt: Date, acceptedAt: Date | null = null) =>
      db.invitation.create({ data: { workspaceId, email, role: 'member', expiresAt, acceptedAt } });
    await invite('waits@acme.test', ago(-1));
    await invite('recent@acme.test', kept('invitations'));
    await invite('expired@acme.test', old('invitations'));
    await invite('accepted@acme.test', ago(-1), old('invitations'));
    const key = (name: string, ends: { revokedAt?: Date; expiresAt?: Date }) =>
      db.apiKey.create({ data: { workspaceId, hash: bytes(), displayPrefix: 'psk_', name, ...ends } });
    await key('lives', {});
    await key('lives on', { expiresAt: ago(-1) });
    await key('revoked lately', { revokedAt: kept('keys') });
    await key('revoked', { revokedAt: old('keys'), expiresAt: ago(-1) });
    await key('expired', { expiresAt: old('keys') });
    const rule = (name: string, ends: { revokedAt?: Date; expiresAt?: Date }) =>
      db.trustRule.create({ data: { workspaceId, name, issuer: 'https://i.test', subject: 'a', ...ends } });
    await rule('lives', { expiresAt: ago(-1) });
    await rule('revoked lately', { revokedAt: kept('keys') });
    await rule('revoked', { revokedAt: old('keys') });
    await rule('expired', { expiresAt: old('keys') });
    const link = (name: string, expiresAt: Date, revokedAt: Date | null = null) =>
      db.evidenceLink.create({ data: { workspaceId, name, hash: bytes(), expiresAt, revokedAt } });
    await link('lives', ago(-1));
    await link('expired lately', kept('keys'));
    await link('expired', old('keys'));
    await link('revoked', ago(-1), old('keys'));
    const identityToken = (expiresAt: Date) =>
      db.workloadToken.create({ data: { fingerprint: bytes(), expiresAt } });
    const unexpired = await identityToken(ago(0));
    await identityToken(ago(1.1));
    const session = (expiresAt: Date) =>
      db.session.create({ data: { userId: user.id, method: 'dev-login', expiresAt } });
    const openSession = await session(ago(0));
    await session(ago(1.1));
    const attempt = (expiresAt: Date) =>
      db.connectAttempt.create({ data: { workspaceId, userId: user.id, stateHash: bytes(), expiresAt } });
    const recent = await attempt(kept('attempts'));
    await attempt(old('attempts'));
    const delivery = (id: string, receivedAt: Date) =>
      db.webhookDelivery.create({ data: { id, event: 'ping', outcome: 'ignored', receivedAt } });
    await delivery('recent', kept('deliveries'));
    await delivery('old', old('deliveries'));

    expect(await forgetOld()).toEqual({
      webhook_deliveries: 1,
      connect_attempts: 1,
      repositories: 2,
      invitations: 2,
      api_keys: 2,
      trust_rules: 2,
      evidence_links: 2,
      workload_tokens: 1,
      sessions: 1,
    });
    expect(await db.session.findMany({ select: { id: true } })).toEqual([{ id: openSession.id }]);
    const repositories = await db.repository.groupBy({ by: ['installationId'], _count: true });
    expect(repositories.map(({ installationId }) => installationId).sort()).toEqual([live, ended].sort());
    // The ended installation itself stays, because the page still shows it.
    expect(await db.installation.count({ where: { id: longEnded } })).toBe(1);
    const left = await db.apiKey.findMany({ select: { name: true }, orderBy: { name: 'asc' } });
    expect(left.map(({ name }) => name)).toEqual(['lives', 'lives on', 'revoked lately']);
    const rules = await db.trustRule.findMany({ select: { name: true }, orderBy: { name: 'asc' } });
    expect(rules.map(({ name }) => name)).toEqual(['lives', 'revoked lately']);
    const links = await db.evidenceLink.findMany({ select: { name: true }, orderBy: { name: 'asc' } });
    expect(links.map(({ name }) => name)).toEqual(['expired lately', 'lives']);
    expect(await db.workloadToken.findMany()).toEqual([unexpired]);
    const emails = await db.invitation.findMany({ select: { email: true }, orderBy: { email: 'asc' } });
    expect(emails.map(({ email }) => email)).toEqual(['recent@acme.test', 'waits@acme.test']);
    expect((await db.connectAttempt.findMany()).map(({ id }) => id)).toEqual([recent.id]);
    expect((await db.webhookDelivery.findMany()).map(({ id }) => id)).toEqual(['recent']);
  });

  it('are deleted in several batches, and locked rows are left for the next pass', async () => {
    const { id: workspaceId } = await makeWorkspace();
    const id = await connection(workspaceId, old('repositories'), 2500);
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
        data: { workspaceId, hash: bytes(), displayPrefix: 'psk_', name: 'old', revokedAt: old('keys') },
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
    .poll(() =>
      getDb().$queryRaw`SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
      AND wait_event_type = 'Lock' AND query LIKE '%DELETE FROM api_keys%'`.then(
        (rows) => (rows as unknown[]).length,
      ),
    )
    .toBe(1);
}
