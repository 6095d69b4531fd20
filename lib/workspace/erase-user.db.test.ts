import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { runHere } from '../../cli/test-admin';
import { dumpDatabase } from '../../local/services/postgres/dump';
import { SYSTEM_CLI } from '../actor';
import { recordAuditEventNow } from '../audit/record';
import { verifyAuditChain } from '../audit/verify';
import {
  makeApiKeyActor,
  makeInstallation,
  makeUser,
  makeWorkloadActor,
  makeWorkspace,
  readAudit,
  startTestApp,
  TEST_ORIGIN,
} from '../auth/test-fixtures';
import { assertAppIdentity } from '../db/app-identity';
import { getDb } from '../db/client';
import { createInvitation } from './invitations';

const environment = await startTestApp();
await assertAppIdentity();

const BY = { actor: SYSTEM_CLI, origin: TEST_ORIGIN };

async function erase(email: string, ...flags: string[]) {
  const { code, stdout, stderr } = await runHere('user:erase', '--email', email, ...flags);
  return { code, stderr, ...(stdout === '' ? {} : JSON.parse(stdout)) };
}

/** Creates a user with something in every table that can name one. */
async function makeKnownUser() {
  const [home, other] = [await makeWorkspace('owner', 'admin'), await makeWorkspace('owner')];
  const user = home.people[1] ?? (await makeUser());
  const db = getDb();
  await db.user.update({ where: { id: user.id }, data: { name: 'Uma Unforgettable' } });
  await db.identity.create({
    data: { provider: 'github', providerAccountId: `account-of-${user.id}`, userId: user.id },
  });
  await createInvitation({ ...BY, actor: user, workspaceId: home.id }, 'friend@acme.test', 'member');
  await createInvitation({ ...BY, workspaceId: other.id }, user.label, 'member');
  await db.connectAttempt.create({
    data: {
      workspaceId: home.id,
      userId: user.id,
      stateHash: new Uint8Array(randomBytes(32)),
      expiresAt: new Date(),
      provenByGithubLogin: 'uma-unforgettable',
    },
  });
  const key = await makeApiKeyActor(home);
  await db.apiKey.update({ where: { id: key.id }, data: { createdBy: user.id } });
  await makeWorkloadActor(home, { createdBy: user.id });
  const { id } = await makeInstallation(home.id, ['acme/api']);
  await db.installation.update({ where: { id }, data: { boundBy: user.id } });
  await recordAuditEventNow({
    actor: user,
    origin: TEST_ORIGIN,
    workspaceId: home.id,
    type: 'audit.exported',
    details: { format: 'csv' },
  });
  return { home, other, user };
}

/** Returns the tables in which a text stands. */
async function tablesWith(text: string): Promise<string[]> {
  const dump = await dumpDatabase(environment.OWNER_DATABASE_URL ?? '');
  return dump.filter(([, rows]) => rows.includes(text)).map(([table]) => table.replace('the table ', ''));
}

describe('the erasure of a user', () => {
  it('leaves the user’s email, id and GitHub account in the audit logs only, and the chains intact', async () => {
    const { home, other, user } = await makeKnownUser();
    const planned = await erase(user.label, '--dry-run');
    expect(planned).toMatchObject({
      code: 0,
      dry_run: true,
      removed_from: [home.slug],
      deleted: { users: 1, identities: 1, invitations: 1, connect_attempts: 1 },
      cleared: { api_keys: 1, trust_rules: 1, installations: 1 },
      kept: { audit_events: 2 },
    });
    expect(await tablesWith(user.label)).toContain('users');

    expect(await erase(user.label)).toEqual({ ...planned, dry_run: false });
    expect(await tablesWith(user.label)).toEqual(['audit_events']);
    expect(await tablesWith(user.id)).toEqual(['audit_events']);
    expect(await tablesWith('unforgettable')).toEqual([]);
    expect(await tablesWith('Unforgettable')).toEqual([]);
    const types = async (id: string) => (await readAudit(id)).map(({ type }) => type);
    expect(await types(home.id)).toEqual(
      expect.arrayContaining(['member.removed', 'member.invitation_revoked']),
    );
    expect(await types(other.id)).toContain('member.invitation_revoked');
    for (const { id } of [home, other]) expect(await verifyAuditChain(id)).toMatchObject({ ok: true });
  });

  it('is refused while the user is a workspace’s last owner, and changes nothing', async () => {
    const { slug, people } = await makeWorkspace('owner', 'member');
    const email = people[0]?.label ?? '';
    const { code, stderr } = await erase(email);
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`last owner of ${slug}`),
    });
    expect(await getDb().user.count({ where: { email } })).toBe(1);
    expect(await getDb().membership.count({ where: { userId: people[0]?.id ?? '' } })).toBe(1);
  });
});
