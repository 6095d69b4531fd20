/** Deletes connected workspaces while services mint in them. */
import { beforeEach, expect, it } from 'vitest';
import type { ApiKeyActor, UserActor } from '../actor';
import { verifyAuditChain } from '../audit/verify';
import { listViews, saveView } from '../audit/views';
import { findWorkspaceForUser } from '../auth/session';
import { makeApiKeyActor, makeUser, makeWorkloadActor, readAudit, TEST_ORIGIN } from '../auth/test-fixtures';
import { getDb } from '../db/client';
import { createEvidenceLink, openEvidenceLink } from '../evidence/links';
import { forgetGitHub } from '../github/client';
import { repeatUninstalls } from '../installation/disconnect';
import { clearWorld, connectedScene, type Scene } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { mintToken } from '../token/mint';
import { deleteWorkspace } from './close-workspace';
import { createInvitation } from './invitations';
import { addMember } from './members';

const world = await startTestWorld();
const { github } = world;
const MINT = 'POST /app/installations/{installation_id}/access_tokens';

let scene: Scene;
let owner: UserActor;
let key: ApiKeyActor;
const by = (actor: UserActor = owner) => ({ workspaceId: scene.workspaceId, actor, origin: TEST_ORIGIN });
const mint = () =>
  mintToken({ workspaceId: scene.workspaceId, actor: key, origin: TEST_ORIGIN, request: {} });
const events = async (type: string) =>
  (await readAudit(scene.workspaceId)).filter((event) => event.type === type);

/** Tokens for the key. A sync mints as well, for itself. */
const minted = async () => (await events('github.token_minted')).filter(({ actorId }) => actorId === key.id);

beforeEach(async () => {
  await clearWorld(world);
  forgetGitHub();
  scene = await connectedScene(world, { account: 'acme', by: 'olivia' });
  owner = await makeUser();
  await getDb().membership.create({
    data: { workspaceId: scene.workspaceId, userId: owner.id, role: 'owner' },
  });
  key = await makeApiKeyActor({ id: scene.workspaceId, slug: scene.slug });
});

it('ends all access and connections, uninstalls the App, and keeps a log that verifies', async () => {
  const { workspaceId, slug, installationId } = scene;
  await makeWorkloadActor({ id: workspaceId, slug });
  await createInvitation(by(), 'friend@acme.test', 'member');
  const { secret } = await createEvidenceLink(by(), { name: 'auditor', expires_in: 3_600_000 });
  await saveView(by(), 'mine', 'q=x');
  expect(await openEvidenceLink(secret)).not.toBeNull();
  await deleteWorkspace(by());
  expect(await openEvidenceLink(secret)).toBeNull();
  expect(await listViews(workspaceId, owner.id)).toEqual([]);
  expect(await events('workspace.deleted')).toMatchObject([
    {
      actorId: owner.id,
      details: { members: 2, api_keys: 1, trust_rules: 1, invitations: 1, connections: 1 },
    },
  ]);
  expect(await events('github.installation_deleted')).toHaveLength(1);
  for (const actor of [owner, scene.actor]) expect(await findWorkspaceForUser(slug, actor.id)).toBeNull();
  expect(github.state.installations.has(installationId)).toBe(false);
  expect(await getDb().installation.findUnique({ where: { id: BigInt(installationId) } })).toMatchObject({
    status: 'deleted',
    uninstallRequestedAt: null,
  });
  expect(await verifyAuditChain(workspaceId)).toMatchObject({ ok: true });
  // The slug stays with the log, so nobody can take the address over.
  expect(await getDb().workspace.count({ where: { slug } })).toBe(1);
});

it('refuses a mint that is under way, and revokes its token', async () => {
  const held = github.knobs.holdNextAnswer(MINT);
  const minting = mint().catch((error: unknown) => error);
  await held.arrived;
  await deleteWorkspace(by());
  held.release();
  expect(await minting).toMatchObject({ code: 'unauthenticated' });
  expect(await minted()).toEqual([]);
  expect(await events('github.token_denied')).toMatchObject([
    { details: { hashed_token: expect.any(String) } },
  ]);
});

it('releases no token after it, while eight callers mint', async () => {
  const released: unknown[] = [];
  let deleted = false;
  const callers = Array.from({ length: 8 }, async () => {
    for (;;)
      try {
        const isLate = deleted;
        released.push(await mint());
        if (isLate) throw new Error('a token was released after the deletion');
      } catch (error) {
        return error;
      }
  });
  await expect.poll(() => released.length).toBeGreaterThan(3);
  await deleteWorkspace(by());
  deleted = true;
  for (const error of await Promise.all(callers)) expect(error).toHaveProperty('code');
  expect(await minted()).toHaveLength(released.length);
  const types = (await readAudit(scene.workspaceId)).map(({ type }) => type);
  expect(types.slice(types.indexOf('workspace.deleted'))).not.toContain('github.token_minted');
  expect(await verifyAuditChain(scene.workspaceId)).toMatchObject({ ok: true });
});

it('takes effect while GitHub is unreachable, and the App is uninstalled later', async () => {
  github.knobs.failNext('DELETE /app/installations/{installation_id}', { kind: 'status', status: 503 }, 20);
  await deleteWorkspace(by());
  await expect(mint()).rejects.toHaveProperty('code');
  expect(github.state.installations.has(scene.installationId)).toBe(true);
  github.knobs.reset();
  forgetGitHub();
  expect(await repeatUninstalls()).toBe(1);
  expect(github.state.installations.has(scene.installationId)).toBe(false);
});

it('is for owners only, and another workspace’s owner ends nothing', async () => {
  const stranger = await makeUser();
  const admin = await makeUser();
  await addMember(by(), admin.id, 'admin');
  for (const actor of [stranger, admin, scene.actor])
    await expect(deleteWorkspace(by(actor))).rejects.toMatchObject({ code: 'forbidden' });
  expect(await events('workspace.deleted')).toEqual([]);
  expect(await mint()).toHaveProperty('token');
});

it('happens once, when two owners delete concurrently', async () => {
  const second = await makeUser();
  await addMember(by(), second.id, 'owner');
  const results = await Promise.allSettled([deleteWorkspace(by()), deleteWorkspace(by(second))]);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await events('workspace.deleted')).toHaveLength(1);
});
