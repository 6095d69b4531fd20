import { appJwt } from 'offline-github/testing';
import pg from 'pg';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ApiKeyActor } from '../actor';
import { recordAuditEventNow } from '../audit/record';
import { makeApiKeyActor, makeWorkspace, readAudit, TEST_ORIGIN } from '../auth/test-fixtures';
import { forgetGitHub } from '../github/client';
import { hashToken } from '../github/tokens';
import { clearWorld, connectedScene } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { mintToken } from './mint';
import { handBackToken } from './release';

const world = await startTestWorld();
const { github } = world;
const REVOKE = 'DELETE /installation/token';

let actor: ApiKeyActor;
let installationId: number;

beforeEach(async () => {
  await clearWorld(world);
  forgetGitHub();
  const scene = await connectedScene(world, { account: 'acme', by: 'olivia' });
  installationId = scene.installationId;
  actor = await makeApiKeyActor({ id: scene.workspaceId, slug: scene.slug });
});

const mint = async () =>
  (await mintToken({ workspaceId: actor.workspace.id, actor, origin: TEST_ORIGIN, request: {} })).token;
const handBack = (token: string, by = actor) => handBackToken({ actor: by, origin: TEST_ORIGIN, token });
const accepted = async (token: string) =>
  (
    await fetch(`${github.apiUrl}/installation/repositories`, {
      headers: { authorization: `bearer ${token}` },
    })
  ).status === 200;
const revocations = async () =>
  (await readAudit(actor.workspace.id)).filter(({ type }) => type === 'github.token_revoked');

describe('a token that is handed back', () => {
  it('is revoked at GitHub immediately, in either format, and is recorded by its hash', async () => {
    for (const tokenFormat of ['classic', 'stateless'] as const) {
      github.knobs.set({ tokenFormat });
      const token = await mint();
      expect(await accepted(token)).toBe(true);
      await handBack(token);
      expect(await accepted(token)).toBe(false);
      expect((await revocations()).at(-1)).toMatchObject({
        actorId: actor.id,
        clientIp: TEST_ORIGIN.clientIp,
        details: { hashed_token: hashToken(token), was_over: false },
      });
    }
  });

  it('may be handed back again, which changes nothing', async () => {
    const token = await mint();
    await handBack(token);
    github.requests.clear();
    await handBack(token);
    expect(github.requests.filter({ route: REVOKE })).toHaveLength(0);
    expect(await revocations()).toHaveLength(1);
  });

  it('may have expired already', async () => {
    const token = await mint();
    await fetch(`${github.apiUrl}/installation/token`, {
      method: 'DELETE',
      headers: { authorization: `bearer ${token}` },
    });
    await handBack(token);
    expect((await revocations()).map(({ details }) => details)).toEqual([
      { hashed_token: hashToken(token), was_over: true },
    ]);
  });

  it('does not count as expired while GitHub is still distributing it', async () => {
    for (const replicationStatus of [401, 403, 404] as const) {
      github.knobs.set({ replicationLagMs: 700, replicationStatus });
      const token = await mint();
      await handBack(token);
      expect(github.requests.filter({ route: REVOKE, status: 204 })).toHaveLength(1);
      github.requests.clear();
    }
  });

  it('gets the same 404 if it belongs to another workspace, was not minted here or is nonsense, and GitHub is not asked', async () => {
    const token = await mint();
    const other = await makeApiKeyActor(await makeWorkspace('owner'));
    github.requests.clear();
    const refusals = await Promise.all(
      [handBack(token, other), handBack(`ghs_${'a'.repeat(36)}`), handBack('nonsense')].map((promise) =>
        promise.then(
          () => null,
          (error: { code: string; message: string }) => [error.code, error.message],
        ),
      ),
    );
    expect(new Set(refusals.map((refusal) => refusal?.join(': '))).size).toBe(1);
    expect(refusals[0]?.[0]).toBe('not_found');
    expect(github.requests.filter({ route: REVOKE })).toHaveLength(0);
    expect(await accepted(token)).toBe(true);
    expect(await revocations()).toHaveLength(0);
  });

  it('is accepted only if the audit log has a row of its mint, not just any row with its hash', async () => {
    const { token } = await (
      await fetch(`${github.apiUrl}/app/installations/${installationId}/access_tokens`, {
        method: 'POST',
        headers: { authorization: `bearer ${appJwt(github)}` },
      })
    ).json();
    await recordAuditEventNow({
      workspaceId: actor.workspace.id,
      type: 'github.token_denied',
      actor,
      origin: TEST_ORIGIN,
      details: { reason: 'not_found', hashed_token: hashToken(token) },
    });
    await expect(handBack(token)).rejects.toMatchObject({ code: 'not_found' });
    expect(await accepted(token)).toBe(true);
  });

  it('is revoked even if another workspace’s log records a revocation with the same hash', async () => {
    const token = await mint();
    await recordAuditEventNow({
      workspaceId: (await makeWorkspace()).id,
      type: 'github.token_revoked',
      actor,
      origin: TEST_ORIGIN,
      details: { hashed_token: hashToken(token), was_over: false },
    });
    await handBack(token);
    expect(await accepted(token)).toBe(false);
  });

  it('is reported as revoked but not recorded when its row cannot be stored, and may be handed back again', async () => {
    const token = await mint();
    const owner = new pg.Client(world.environment.OWNER_DATABASE_URL);
    await owner.connect();
    try {
      await owner.query(
        "ALTER TABLE audit_events ADD CONSTRAINT broken CHECK (type <> 'github.token_revoked') NOT VALID",
      );
      await expect(handBack(token)).rejects.toMatchObject({ code: 'audit_unavailable', status: 503 });
      expect(await accepted(token)).toBe(false);
    } finally {
      await owner.query('ALTER TABLE audit_events DROP CONSTRAINT IF EXISTS broken');
      await owner.end();
    }
    await handBack(token);
    expect(await revocations()).toMatchObject([{ details: { was_over: true } }]);
  });

  it('leaves no audit row when GitHub could not revoke it', async () => {
    const token = await mint();
    github.knobs.failNext(REVOKE, { kind: 'status', status: 502 });
    await expect(handBack(token)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await revocations()).toHaveLength(0);
    await handBack(token);
    expect(await accepted(token)).toBe(false);
  });
});
