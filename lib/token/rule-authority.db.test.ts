/** Tests that a mint by an identity token releases nothing if its trust rule ends or is narrowed during the mint. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { WorkloadActor } from '../actor';
import { TEST_ORIGIN } from '../auth/test-fixtures';
import type { MintRequest } from '../contract/mint';
import { getDb } from '../db/client';
import { forgetGitHub } from '../github/client';
import { Problem } from '../problem';
import { clearWorld, connectedScene, type Scene } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { authenticateWorkload } from '../workload/authenticate';
import { createTrustRule, revokeTrustRule, updateTrustRule } from '../workload/manage-rules';
import { startTestIssuer } from '../workload/test-issuer';
import { mintToken } from './mint';

const issuer = await startTestIssuer('http://localhost:3000', { alg: 'ES256' });
afterAll(() => issuer.stop());
const world = await startTestWorld({ WORKLOAD_ISSUERS: issuer.url });
const { github } = world;
const MINT = 'POST /app/installations/{installation_id}/access_tokens';
const REVOKE = 'DELETE /installation/token';
const PROBE = 'GET /installation/repositories';

let scene: Scene;
let ids: { api: number; web: number };
beforeEach(async () => {
  await clearWorld(world);
  forgetGitHub();
  scene = await connectedScene(world, {
    account: 'acme',
    by: 'olivia',
    repositories: ['acme/api', 'acme/web'],
  });
  const stored = await getDb().repository.findMany({ where: { installationId: scene.installationId } });
  const idOf = (name: string) => Number(stored.find((each) => each.name === name)?.id);
  ids = { api: idOf('api'), web: idOf('web') };
});

const by = () => ({ workspaceId: scene.workspaceId, actor: scene.actor, origin: TEST_ORIGIN });

/** Authenticates a job of GitHub Actions, for which a rule is created. */
async function authenticated(repositories?: string[]): Promise<WorkloadActor> {
  await createTrustRule(by(), {
    name: 'ci',
    issuer: issuer.url,
    subject: 'repo:acme/api:ref:refs/heads/main',
    ...(repositories && { repositories }),
  });
  return authenticateWorkload(await issuer.signGitHubActions({ repository: 'acme/api' }), {
    workspace: scene.slug,
    isUsedUp: true,
    clientIp: TEST_ORIGIN.clientIp,
  });
}

const mint = (actor: WorkloadActor, request: MintRequest) =>
  mintToken({ workspaceId: scene.workspaceId, actor, origin: TEST_ORIGIN, request });

/** Returns the code of the problem that a mint throws, or the reason why there is none. */
const refusal = (minting: Promise<unknown>): Promise<string> =>
  minting.then(
    () => 'a token was released',
    (error: unknown) => (error instanceof Problem ? error.code : String(error)),
  );

const revocations = () => github.requests.filter({ route: REVOKE, status: 204 });
const eventsOf = ({ id }: WorkloadActor) =>
  getDb().auditEvent.findMany({ where: { actorId: id }, orderBy: { seq: 'asc' } });

type Ending = [what: string, end: (id: string) => Promise<unknown>, code: string];

const ENDINGS: Ending[] = [
  ['is revoked', (id) => revokeTrustRule(by(), id), 'unauthenticated'],
  ['gets other claims', (id) => updateTrustRule(by(), id, { claims: { ref: 'x' } }), 'unauthenticated'],
  [
    'expires',
    (id) => getDb().trustRule.update({ where: { id }, data: { expiresAt: new Date(Date.now() - 60_000) } }),
    'unauthenticated',
  ],
  ['is deleted', (id) => getDb().trustRule.delete({ where: { id } }), 'unauthenticated'],
  [
    'grants other repositories',
    (id) => updateTrustRule(by(), id, { repositories: ['acme/web'] }),
    'repository_not_accessible',
  ],
  [
    'grants no repository',
    (id) => getDb().trustRule.update({ where: { id }, data: { bound: true, repositoryIds: [] } }),
    'repository_not_accessible',
  ],
];

describe('a mint', () => {
  it.each(ENDINGS)(
    'is refused and its token revoked if its rule %s while GitHub answers',
    async (_, end, code) => {
      const actor = await authenticated();
      const held = github.knobs.holdNextAnswer(MINT);
      const minting = refusal(mint(actor, { repositories: ['acme/api'] }));
      await held.arrived;
      await end(actor.id);
      held.release();
      expect(await minting).toBe(code);
      expect(await eventsOf(actor)).toMatchObject([
        { type: 'github.token_denied', details: { reason: code, hashed_token: expect.any(String) } },
      ]);
      expect(revocations()).toHaveLength(1);
    },
  );

  it('is refused for all repositories if its rule is bound to each of them while GitHub answers', async () => {
    const actor = await authenticated();
    const held = github.knobs.holdNextAnswer(MINT);
    const minting = refusal(mint(actor, {}));
    await held.arrived;
    await updateTrustRule(by(), actor.id, { repositories: ['acme/api', 'acme/web'] });
    held.release();
    expect(await minting).toBe('repository_not_accessible');
    expect(revocations()).toHaveLength(1);
  });

  it('is released if its rule is narrowed to what the token reads, or renamed', async () => {
    const actor = await authenticated(['acme/api', 'acme/web']);
    const held = github.knobs.holdNextAnswer(MINT);
    const minting = mint(actor, { repositories: ['acme/api'] });
    await held.arrived;
    await updateTrustRule(by(), actor.id, { repositories: ['acme/api'], name: 'other' });
    held.release();
    expect(await minting).toMatchObject({ repositories: [{ id: ids.api }] });
    expect(revocations()).toEqual([]);
  });

  it.each(ENDINGS)(
    'with verify is refused and its token revoked if its rule %s meanwhile',
    async (_, end, code) => {
      const actor = await authenticated();
      const held = github.knobs.holdNextAnswer(PROBE);
      const minting = refusal(mint(actor, { repositories: ['acme/api'], verify: true }));
      await held.arrived;
      await end(actor.id);
      held.release();
      expect(await minting).toBe(code);
      const types = (await eventsOf(actor)).map(({ type }) => type);
      expect(types).toEqual(['github.token_minted', 'github.token_revoked', 'github.token_denied']);
      expect(revocations()).toHaveLength(1);
    },
  );
});

describe('revocations of rules and mints of one workspace', () => {
  it('run concurrently without a deadlock, and no mint passes after a revocation', async () => {
    const actor = await authenticated();
    const mints = Array.from({ length: 6 }, () => refusal(mint(actor, { repositories: ['acme/web'] })));
    const [outcomes] = await Promise.all([Promise.all(mints), revokeTrustRule(by(), actor.id)]);
    for (const outcome of outcomes) expect(['a token was released', 'unauthenticated']).toContain(outcome);
    const log = await getDb().auditEvent.findMany({
      where: { workspaceId: scene.workspaceId },
      orderBy: { seq: 'asc' },
    });
    const revoked = log.findIndex(({ type }) => type === 'trust_rule.revoked');
    expect(revoked).toBeGreaterThan(0);
    const minted = ({ type, actorId }: (typeof log)[number]) =>
      type === 'github.token_minted' && actorId === actor.id;
    expect(log.slice(revoked).filter(minted)).toEqual([]);
    expect(log.filter(minted)).toHaveLength(
      outcomes.filter((outcome) => outcome === 'a token was released').length,
    );
    expect(await refusal(mint(actor, {}))).toBe('unauthenticated');
  });
});
