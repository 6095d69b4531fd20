import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { SYSTEM_CLI, type UserActor } from '../actor';
import {
  makeInstallation,
  makeWorkloadActor,
  makeWorkspace,
  readAudit,
  startTestApp,
  TEST_ISSUER,
  TEST_ORIGIN,
} from '../auth/test-fixtures';
import { listOf } from '../contract/pagination';
import { MAX_LIVE_TRUST_RULES, TrustRule } from '../contract/trust-rules';
import { getDb } from '../db/client';
import { createTrustRule, revokeTrustRule, updateTrustRule } from './manage-rules';
import { findTrustRule, listTrustRules } from './read-rules';

await startTestApp({ WORKLOAD_ISSUERS: TEST_ISSUER });

let workspace: { id: string; slug: string };
let by: { workspaceId: string; actor: UserActor; origin: typeof TEST_ORIGIN };
let repositoryIds: number[];
beforeEach(async () => {
  const { people, ...made } = await makeWorkspace('admin');
  workspace = made;
  const [actor] = people;
  if (actor === undefined) throw new Error('no admin');
  by = { workspaceId: workspace.id, actor, origin: TEST_ORIGIN };
  ({ repositoryIds } = await makeInstallation(workspace.id, ['acme/api', 'acme/web']));
});

const RULE = { name: 'ci', issuer: TEST_ISSUER, subject: 'repo:acme/api:ref:refs/heads/*' };
const soon = () => new Date(Date.now() + 60_000).toISOString();

describe('a trust rule', () => {
  it('is created with what was asked for, recorded and listed', async () => {
    const claims = { environment: 'prod', run_attempt: 1, protected: true };
    const expires_at = soon();
    const created = await createTrustRule(by, { ...RULE, claims, repositories: ['acme/API'], expires_at });
    const expected = {
      ...RULE,
      claims,
      repositories: [{ id: repositoryIds[0], full_name: 'acme/api' }],
      status: 'active',
      created_by: by.actor.label,
      expires_at,
      last_used_at: null,
      last_used_ip: null,
      revoked_at: null,
    };
    expect(created).toMatchObject(expected);
    expect(await findTrustRule(workspace.id, created.id)).toEqual(created);
    const all = await createTrustRule(by, RULE);
    expect(all).toMatchObject({ claims: {}, repositories: null, expires_at: null });
    const first = await listTrustRules(workspace.id, { limit: 1 });
    expect(first.data).toEqual([all]);
    const cursor = first.next_cursor ?? '';
    expect(await listTrustRules(workspace.id, { limit: 1, cursor })).toEqual({
      data: [created],
      next_cursor: null,
    });
    expect(await readAudit(workspace.id)).toMatchObject([
      {
        type: 'trust_rule.created',
        actorId: by.actor.id,
        details: {
          ...RULE,
          trust_rule_id: created.id,
          claims,
          revision: 0,
          repository_ids: [repositoryIds[0]],
        },
      },
      { type: 'trust_rule.created', details: { repository_ids: null, expires_at: null } },
    ]);
  });

  it.each([
    ['an issuer that the operator does not trust', { issuer: 'https://other.test' }, 'issuer'],
    ['an issuer in another spelling', { issuer: `${TEST_ISSUER}/` }, 'issuer'],
    ['a time that has passed', { expires_at: '2026-01-01T00:00:00.000Z' }, 'expires_at'],
    ['a repository that is not shared', { repositories: ['acme/other'] }, 'repositories.0'],
  ])('is refused for %s', async (_, wrong, path) => {
    await expect(createTrustRule(by, { ...RULE, ...wrong })).rejects.toMatchObject({
      errors: [expect.objectContaining({ path })],
    });
    expect(await readAudit(workspace.id)).toEqual([]);
  });

  it('changes only in what was sent, and counts changes of its claims', async () => {
    const { id } = await createTrustRule(by, {
      ...RULE,
      claims: { a: 'x', b: 1 },
      repositories: ['acme/api'],
    });
    const revision = async () => (await getDb().trustRule.findUniqueOrThrow({ where: { id } })).revision;
    expect(await updateTrustRule(by, id, { name: 'deploy' })).toMatchObject({
      ...RULE,
      name: 'deploy',
      claims: { a: 'x', b: 1 },
      repositories: [{ full_name: 'acme/api' }],
    });
    await updateTrustRule(by, id, { claims: { b: 1, a: 'x' } });
    expect(await revision()).toBe(0);
    expect(await updateTrustRule(by, id, { claims: { a: 'y' } })).toMatchObject({ claims: { a: 'y' } });
    expect(await revision()).toBe(1);
    expect(await updateTrustRule(by, id, { repositories: null, expires_at: soon() })).toMatchObject({
      repositories: null,
      expires_at: expect.any(String),
    });
    expect(await updateTrustRule(by, id, { repositories: ['acme/web'], expires_at: null })).toMatchObject({
      repositories: [{ full_name: 'acme/web' }],
      expires_at: null,
    });
    const updates = (await readAudit(workspace.id)).filter(({ type }) => type === 'trust_rule.updated');
    expect(updates).toHaveLength(5);
    expect(updates.at(-1)?.details).toMatchObject({ revision: 1, claims: { a: 'y' }, name: 'deploy' });
  });

  it('is revoked once, and can no longer be changed', async () => {
    const { id } = await createTrustRule(by, RULE);
    await Promise.all([revokeTrustRule(by, id), revokeTrustRule(by, id)]);
    expect(await findTrustRule(workspace.id, id)).toMatchObject({ status: 'revoked' });
    await expect(updateTrustRule(by, id, { name: 'x' })).rejects.toMatchObject({ code: 'invalid_request' });
    expect((await readAudit(workspace.id)).map(({ type }) => type)).toEqual([
      'trust_rule.created',
      'trust_rule.revoked',
    ]);
  });

  it('in another workspace is neither found, changed nor revoked', async () => {
    const foreign = await makeWorkloadActor(await makeWorkspace());
    const before = await getDb().trustRule.findUniqueOrThrow({ where: { id: foreign.id } });
    for (const id of [foreign.id, randomUUID(), 'x'])
      for (const act of [
        () => findTrustRule(workspace.id, id),
        () => updateTrustRule(by, id, { name: 'mine' }),
        () => revokeTrustRule(by, id),
      ])
        await expect(act()).rejects.toMatchObject({ code: 'not_found' });
    expect(await getDb().trustRule.findUniqueOrThrow({ where: { id: foreign.id } })).toEqual(before);
  });

  it('needs an admin at the moment of the change', async () => {
    const { id } = await createTrustRule(by, RULE);
    await getDb().membership.updateMany({ where: { workspaceId: workspace.id }, data: { role: 'member' } });
    for (const act of [
      () => createTrustRule(by, RULE),
      () => updateTrustRule(by, id, { name: 'x' }),
      () => revokeTrustRule(by, id),
    ])
      await expect(act()).rejects.toMatchObject({ code: 'forbidden' });
    await revokeTrustRule({ ...by, actor: SYSTEM_CLI }, id);
  });
});

describe('a stored rule that matches no token', () => {
  const store = (stored: object) =>
    getDb().trustRule.create({ data: { ...RULE, workspaceId: workspace.id, ...stored } });

  it.each([
    ['null', { environment: null }, { environment: 'null' }],
    ['an object', { environment: { name: 'prod' } }, { environment: '{"name":"prod"}' }],
    ['a fraction', { attempt: 1.5 }, { attempt: '1.5' }],
    ['a long text', { environment: 'x'.repeat(2000) }, { environment: 'x'.repeat(2000) }],
  ])(
    'because a claim is %s is listed beside the others, and can be mended or revoked',
    async (claim, claims, shown) => {
      const { id } = await store({ claims });
      const problem = claim === 'a long text' ? null : 'claims_not_valid';
      const other = await createTrustRule(by, RULE);
      const listed = await listTrustRules(workspace.id, { limit: 10 });
      expect(listed.data).toMatchObject([
        { ...other, problem: null },
        { id, claims: shown, problem },
      ]);
      expect(listOf(TrustRule).parse(listed)).toEqual(listed);
      expect(await updateTrustRule(by, id, { name: 'renamed' })).toMatchObject({ name: 'renamed', problem });
      expect(await updateTrustRule(by, id, { claims: { a: 'x' } })).toMatchObject({ problem: null });
      await getDb().trustRule.update({ where: { id }, data: { claims } });
      await revokeTrustRule(by, id);
      expect((await readAudit(workspace.id)).at(-1)).toMatchObject({
        type: 'trust_rule.revoked',
        details: { claims: shown },
      });
    },
  );

  it('because the operator has stopped trusting its issuer says so', async () => {
    const { id } = await store({ issuer: 'https://former.test' });
    expect(await findTrustRule(workspace.id, id)).toMatchObject({
      issuer: 'https://former.test',
      status: 'active',
      problem: 'issuer_not_trusted',
    });
  });
});

describe('the number of a workspace’s live rules', () => {
  const rows = (count: number) =>
    getDb().trustRule.createMany({
      data: Array.from({ length: count }, (_, n) => ({ ...RULE, name: `r${n}`, workspaceId: workspace.id })),
    });

  it('is limited, also for requests at the same time, and other workspaces do not count', async () => {
    await rows(MAX_LIVE_TRUST_RULES - 2);
    await makeWorkloadActor(await makeWorkspace());
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => createTrustRule(by, RULE)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'invalid_request' });
  });

  it('counts neither revoked nor expired rules, which do not come back beyond it', async () => {
    const expired = await makeWorkloadActor(workspace);
    await getDb().trustRule.update({ where: { id: expired.id }, data: { expiresAt: new Date(0) } });
    const revoked = await createTrustRule(by, RULE);
    await revokeTrustRule(by, revoked.id);
    await rows(MAX_LIVE_TRUST_RULES - 1);
    await createTrustRule(by, RULE);
    for (const expires_at of [null, soon()])
      await expect(updateTrustRule(by, expired.id, { expires_at })).rejects.toMatchObject({
        code: 'invalid_request',
      });
    await updateTrustRule(by, expired.id, { name: 'still expired' });
  });
});
