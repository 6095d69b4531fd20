/** Checks that several keys or rules are revoked together. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { UserActor } from '../actor';
import { type ApiKeyAdministration, revokeApiKey, revokeApiKeys } from '../api-keys/manage';
import { makeWorkspace, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import type { Revoked } from '../contract/selection';
import { getDb } from '../db/client';
import { revokeTrustRule, revokeTrustRules } from '../workload/manage-rules';

await startTestApp();

type Kind = {
  type: string;
  add: (workspaceId: string, name: string) => Promise<{ id: string }>;
  count: (workspaceId: string) => Promise<number>;
  revokeOne: (by: ApiKeyAdministration, id: string) => Promise<void>;
  revokeSeveral: (by: ApiKeyAdministration, ids: readonly string[]) => Promise<Revoked>;
};

const KINDS: [string, Kind][] = [
  [
    'keys',
    {
      type: 'api_key.revoked',
      add: (workspaceId, name) =>
        getDb().apiKey.create({
          data: {
            workspaceId,
            name,
            hash: Buffer.from(randomUUID()),
            displayPrefix: 'psk_dev_abcd',
            repositoryIds: [],
          },
        }),
      count: (workspaceId) => getDb().apiKey.count({ where: { workspaceId, revokedAt: { not: null } } }),
      revokeOne: revokeApiKey,
      revokeSeveral: revokeApiKeys,
    },
  ],
  [
    'rules',
    {
      type: 'trust_rule.revoked',
      add: (workspaceId, name) =>
        getDb().trustRule.create({
          data: { workspaceId, name, issuer: 'https://issuer.test', subject: name, repositoryIds: [] },
        }),
      count: (workspaceId) => getDb().trustRule.count({ where: { workspaceId, revokedAt: { not: null } } }),
      revokeOne: revokeTrustRule,
      revokeSeveral: revokeTrustRules,
    },
  ],
];

const asUser = (workspaceId: string, actor: UserActor | undefined): ApiKeyAdministration => {
  if (actor === undefined) throw new Error('the workspace has no such member');
  return { workspaceId, actor, origin: TEST_ORIGIN };
};

describe.each(KINDS)('several %s', (_, { type, add, count, revokeOne, revokeSeveral }) => {
  const eventsOf = async (workspaceId: string) =>
    (await getDb().auditEvent.findMany({ where: { workspaceId, type }, orderBy: { seq: 'asc' } })).map(
      ({ details }) => (details as { name: string }).name,
    );

  it('are revoked with an event each, without those revoked before and those of other workspaces', async () => {
    const mine = await makeWorkspace('admin');
    const theirs = await makeWorkspace('owner');
    const by = asUser(mine.id, mine.people[0]);
    const [one, two, before] = await Promise.all(['one', 'two', 'before'].map((name) => add(mine.id, name)));
    const kept = await add(mine.id, 'kept');
    const foreign = await add(theirs.id, 'foreign');
    await revokeOne(by, before?.id ?? '');
    const ids = [one, two, before, foreign].map((each) => each?.id ?? '');
    const outcome = await revokeSeveral(by, [...ids, ids[0] ?? '', randomUUID(), 'no id', "'; --"]);
    expect(outcome).toEqual({ revoked: 2, already: 1 });
    expect((await eventsOf(mine.id)).sort()).toEqual(['before', 'one', 'two']);
    expect(await count(mine.id)).toBe(3);
    expect(await count(theirs.id)).toBe(0);
    expect(await revokeSeveral(by, [...ids, kept.id])).toEqual({ revoked: 1, already: 3 });
    expect(await revokeSeveral(by, [])).toEqual({ revoked: 0, already: 0 });
  });

  it('stay as they are for a plain member and for an admin of another workspace', async () => {
    const mine = await makeWorkspace('owner', 'member');
    const theirs = await makeWorkspace('owner');
    const { id } = await add(mine.id, 'one');
    for (const person of [mine.people[1], theirs.people[0]])
      await expect(revokeSeveral(asUser(mine.id, person), [id])).rejects.toMatchObject({ code: 'forbidden' });
    expect(await revokeSeveral(asUser(theirs.id, theirs.people[0]), [id])).toEqual({
      revoked: 0,
      already: 0,
    });
    expect(await count(mine.id)).toBe(0);
  });

  it('are revoked once each by requests that run concurrently and name them in other orders', async () => {
    const mine = await makeWorkspace('owner');
    const by = asUser(mine.id, mine.people[0]);
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) ids.push((await add(mine.id, name)).id);
    const outcomes = await Promise.all([
      revokeSeveral(by, ids),
      revokeSeveral(by, [...ids].reverse()),
      ...ids.map((id) => revokeOne(by, id)),
    ]);
    const several = outcomes.flatMap((outcome) => (outcome ? [outcome] : []));
    expect(several).toHaveLength(2);
    for (const { revoked, already } of several) expect(revoked + already).toBe(ids.length);
    expect((await eventsOf(mine.id)).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });
});
