import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { UserActor } from '../actor';
import { makeWorkspace, startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import type { CreateTrustRule } from '../contract/trust-rules';
import { getDb } from '../db/client';
import { Problem, refusedService } from '../problem';
import { authenticateWorkload } from './authenticate';
import { createTrustRule, revokeTrustRule, updateTrustRule } from './manage-rules';
import { startTestIssuer } from './test-issuer';

const AUDIENCE = 'http://localhost:3000';
const [issuer, other] = await Promise.all([startTestIssuer(AUDIENCE), startTestIssuer(AUDIENCE)]);
afterAll(() => Promise.all([issuer.stop(), other.stop()]));
await startTestApp({ WORKLOAD_ISSUERS: `${issuer.url},${other.url}` });

type Tenant = {
  id: string;
  slug: string;
  by: { workspaceId: string; actor: UserActor; origin: typeof TEST_ORIGIN };
};

async function makeTenant(): Promise<Tenant> {
  const { id, slug, people } = await makeWorkspace('admin');
  const [actor] = people;
  if (actor === undefined) throw new Error('no admin');
  return { id, slug, by: { workspaceId: id, actor, origin: TEST_ORIGIN } };
}

const SUBJECT = 'repo:acme/api:ref:refs/heads/main';
let acme: Tenant;
beforeEach(async () => {
  await getDb().trustRule.deleteMany();
  acme = await makeTenant();
});

const trust = (wanted: Partial<CreateTrustRule> = {}, tenant = acme) =>
  createTrustRule(tenant.by, { name: 'ci', issuer: issuer.url, subject: SUBJECT, ...wanted });

type Options = { workspace?: string | null; isUsedUp?: boolean; clientIp?: string | null };

const authenticate = (token: string, options: Options = {}) =>
  authenticateWorkload(token, { workspace: acme.slug, isUsedUp: false, clientIp: '192.0.2.7', ...options });

/** Returns the id of the rule that a token with these claims matches, or the problem’s code. */
const outcome = async (claims: object, options: Options = {}, by = issuer) =>
  authenticate(await by.sign({ sub: SUBJECT, ...claims }), options).then(
    ({ id }) => id,
    (error: unknown) => (error instanceof Problem ? error.code : String(error)),
  );

describe('an identity token', () => {
  it('authenticates the workload that a rule names, with the rule’s repositories', async () => {
    const rule = await trust();
    expect(await authenticate(await issuer.signGitHubActions({ repository: 'acme/api' }))).toMatchObject({
      type: 'workload',
      id: rule.id,
      label: SUBJECT,
      workspace: { id: acme.id, slug: acme.slug },
      repositoryIds: null,
      issuer: issuer.url,
      subject: SUBJECT,
      rule: { id: rule.id, name: 'ci', revision: 0 },
      installations: { rows: [], stop: null },
    });
  });

  it.each([
    ['another subject', { sub: 'repo:acme/web:ref:refs/heads/main' }],
    ['a longer subject', { sub: `${SUBJECT}2` }],
    ['a subject in another letter case', { sub: SUBJECT.toUpperCase() }],
    ['another audience', { aud: 'https://other.test' }],
    ['no lifetime left', { iat: 1, nbf: 1, exp: 2 }],
  ])('is refused for %s, without a reason', async (_, claims) => {
    await trust();
    const refused = await authenticate(await issuer.sign({ sub: SUBJECT, ...claims })).catch((e) => e);
    expect(refused).toBeInstanceOf(Problem);
    expect([refused.code, refused.message]).toEqual(['unauthenticated', refusedService().message]);
  });

  it('from another trusted issuer matches no rule', async () => {
    await trust();
    expect(await outcome({}, {}, other)).toBe('unauthenticated');
  });

  it('is refused once its rule is revoked, expired or deleted', async () => {
    const rule = await trust();
    expect(await outcome({})).toBe(rule.id);
    await getDb().trustRule.update({ where: { id: rule.id }, data: { expiresAt: new Date(Date.now() - 1) } });
    expect(await outcome({})).toBe('unauthenticated');
    await getDb().trustRule.update({ where: { id: rule.id }, data: { expiresAt: null } });
    await revokeTrustRule(acme.by, rule.id);
    expect(await outcome({})).toBe('unauthenticated');
  });

  it('notes when and from where its rule was used', async () => {
    const { id } = await trust();
    expect(await outcome({}, { clientIp: '2001:db8::7' })).toBe(id);
    await expect
      .poll(() => getDb().trustRule.findUniqueOrThrow({ where: { id } }))
      .toMatchObject({ lastUsedAt: expect.any(Date), lastUsedIp: '2001:db8::7' });
  });

  it('shows a long subject in full, and its start as the label', async () => {
    const sub = `repo:acme/${'😀'.repeat(240)}`;
    await trust({ subject: sub.slice(0, 490) });
    await trust({ subject: 'repo:acme/*' });
    const { label, subject } = await authenticate(await issuer.sign({ sub }));
    expect(subject).toBe(sub);
    expect([label.length, label.isWellFormed()]).toEqual([300, true]);
  });
});

describe('a pattern', () => {
  it.each([
    ['repo:acme/api:ref:refs/heads/*', true],
    ['repo:acme/*:ref:refs/heads/main', true],
    ['repo:acme/a*i:ref:refs/*/m*n', true],
    ['repo:acme/api*:ref:refs/heads/main*', true],
    ['repo:acme/api:*', false],
    ['repo:acme/*', false],
    ['repo:acme/api:ref:refs/heads/main/*', false],
    ['repo:acme/api:ref:refs/heads/m.in*', false],
    ['repo:acme/(api|x)*:ref:refs/heads/main', false],
    ['repo:acme/[a]pi*:ref:refs/heads/main', false],
    ['repo:acme/api:ref:refs/heads/ma\\in*', false],
    ['repo:acme/api:ref:refs/heads/main$*', false],
  ])(
    '%s matches a whole subject within segments, and nothing in it is special: %s',
    async (subject, matches) => {
      const { id } = await trust({ subject });
      expect(await outcome({})).toBe(matches ? id : 'unauthenticated');
    },
  );

  // Before the first `*`, the look-up by prefix already compares text. So they stand behind it.
  it('compares special characters behind its first * as they are', async () => {
    const sub = 'repo:acme/api-1:environment:a.p+i(x)[y]{1}^$|\\?';
    const { id } = await trust({ subject: sub.replace('api-1', 'api-*') });
    expect(await outcome({ sub })).toBe(id);
    for (const [special, other] of [
      ['a.p', 'axp'],
      ['p+i', 'ppi'],
      ['(x)', 'x'],
      ['[y]', 'y'],
      ['{1}', ''],
      ['^$', ''],
      ['|', ''],
      ['\\?', '?'],
      ['\\?', '\\'],
    ] as const)
      expect([special, await outcome({ sub: sub.replace(special, () => other) })]).toEqual([
        special,
        'unauthenticated',
      ]);
  });

  it.each([
    'repo:acme/*:ref:refs/heads/m.in',
    'repo:acme/*:ref:refs/heads/(main|x)',
    'repo:acme/*:ref:refs/heads/mai[n]',
    'repo:acme/*:ref:refs/heads/maix?n',
    'repo:acme/*:ref:refs/heads/mai+n',
    'repo:acme/*:ref:refs/heads/main|x',
    'repo:acme/*:ref:refs/heads/main$',
    'repo:acme/*:ref:refs/heads/m\\ain',
    'repo:acme/*:ref:refs/heads/m\\w{3}',
  ])('%s matches no other text, although a regular expression would', async (subject) => {
    await trust({ subject });
    expect(await outcome({})).toBe('unauthenticated');
  });
});

describe('claims', () => {
  it.each([
    [{ ref: 'refs/heads/main' }, true],
    [{ ref: 'refs/heads/mai' }, false],
    [{ run_number: 10 }, true],
    [{ run_number: '10' }, true],
    [{ protected: true }, true],
    [{ protected: 'true' }, true],
    [{ protected: false }, false],
    [{ 'kubernetes.io/namespace': 'engine' }, true],
    [{ 'kubernetes.io/serviceaccount/name': 'analysis' }, true],
    [{ 'kubernetes.io/serviceaccount': 'analysis' }, false],
    [{ 'kubernetes.io': 'engine' }, false],
    [{ list: 'a' }, false],
    [{ list: '["a"]' }, false],
    [{ 'list/0': 'a' }, false],
    [{ nothing: 'null' }, false],
    [{ large: '9007199254740992' }, false],
    [{ 'whole/name': 'top' }, true],
    [{ 'whole/name': 'nested' }, false],
    [{ 'shadowed/name': 'nested' }, false],
    [{ ref: 'refs/heads/main', run_number: 11 }, false],
    [{ constructor: 'x' }, false],
  ])('%j are compared as texts of scalars: %s', async (claims, matches) => {
    const { id } = await trust({ claims: claims as Record<string, string | number | boolean> });
    const token = {
      ref: 'refs/heads/main',
      run_number: 10,
      protected: true,
      list: ['a'],
      nothing: null,
      large: 2 ** 53,
      'whole/name': 'top',
      whole: { name: 'nested' },
      'shadowed/name': ['x'],
      shadowed: { name: 'nested' },
      'kubernetes.io': { namespace: 'engine', serviceaccount: { name: 'analysis' } },
    };
    expect(await outcome(token)).toBe(matches ? id : 'unauthenticated');
  });
});

describe('a stored claim in a form that no rule is created with', () => {
  it.each([
    ['null', { environment: null }, {}],
    ['an object', { environment: { name: 'prod' } }, { environment: '{"name": "prod"}' }],
    ['a list', { environment: ['prod'] }, { environment: '["prod"]' }],
  ])('%s matches no token, whether the token has the claim or not', async (_, claims, token) => {
    const { id } = await trust();
    await getDb().trustRule.update({ where: { id }, data: { claims } });
    expect(await outcome(token)).toBe('unauthenticated');
    expect(await outcome({ environment: 'null' })).toBe('unauthenticated');
  });
});

describe('several rules that match', () => {
  it('yield the narrower: fewer repositories, exact, more literal characters, more claims, older', async () => {
    const bind = (id: string, count: number) =>
      getDb().trustRule.update({
        where: { id },
        data: { bound: true, repositoryIds: Array.from({ length: count }, (_, n) => BigInt(n + 1)) },
      });
    const pattern = await trust({ subject: 'repo:acme/api:ref:refs/heads/*' });
    const longer = await trust({ subject: 'repo:acme/api:ref:refs/heads/ma*' });
    const exact = await trust();
    const younger = await trust();
    const claimed = await trust({ claims: { ref: 'main' } });
    const two = await trust({ subject: 'repo:acme/*:ref:refs/heads/main' });
    await bind(two.id, 2);
    const one = await trust({ subject: 'repo:acme/*:ref:refs/heads/main' });
    await bind(one.id, 1);
    const narrowing = [one, two, claimed, exact, younger, longer, pattern];
    for (const { id } of narrowing) {
      expect(await outcome({ ref: 'main' })).toBe(id);
      await revokeTrustRule(acme.by, id);
    }
    expect(await outcome({ ref: 'main' })).toBe('unauthenticated');
  });
});

describe('workspaces', () => {
  it('with a rule for the same token is chosen by X-Workspace only', async () => {
    const globex = await makeTenant();
    const [ours, theirs] = [await trust(), await trust({}, globex)];
    expect(await outcome({}, { workspace: acme.slug })).toBe(ours.id);
    expect(await outcome({}, { workspace: globex.slug })).toBe(theirs.id);
    const token = await issuer.sign({ sub: SUBJECT });
    await expect(authenticate(token, { workspace: null, isUsedUp: true })).rejects.toMatchObject({
      code: 'invalid_request',
      errors: [{ path: 'X-Workspace' }],
    });
    // The refusal did not use the token up.
    expect(await authenticate(token, { isUsedUp: true })).toMatchObject({ id: ours.id });
    await revokeTrustRule(globex.by, theirs.id);
    expect(await outcome({}, { workspace: null })).toBe(ours.id);
  });

  it('without a matching rule answer as ones that do not exist', async () => {
    await trust();
    const globex = await makeTenant();
    for (const workspace of [globex.slug, 'no-such-workspace', '', "' OR true"])
      expect(await outcome({}, { workspace })).toBe('unauthenticated');
  });

  it('cannot keep another one’s request from its rule by many rules for the same subject', async () => {
    const rule = await trust();
    const globex = await makeTenant();
    await getDb().trustRule.createMany({
      data: Array.from({ length: 500 }, (_, n) => ({
        workspaceId: globex.id,
        name: `r${n}`,
        issuer: issuer.url,
        subject: SUBJECT,
        claims: { never: 'x' },
      })),
    });
    expect(await outcome({}, { workspace: acme.slug })).toBe(rule.id);
  });

  /** Writes so many rules for the subject that a request without `X-Workspace` can't compare them all. */
  async function makeCrowd(claims: object): Promise<void> {
    const tenants = [await makeTenant(), await makeTenant()];
    const rules = tenants.flatMap(({ id }) => Array.from({ length: 150 }, () => id));
    await getDb().trustRule.createMany({
      data: rules.map((workspaceId) => ({
        workspaceId,
        name: 'r',
        issuer: issuer.url,
        subject: SUBJECT,
        claims,
      })),
    });
  }

  it('are refused without a reason if they are too many to compare, unless two of them match', async () => {
    await makeCrowd({ never: 'x' });
    expect(await outcome({}, { workspace: null })).toBe('unauthenticated');
    // One rule that matches may be among those that were compared. It doesn't decide, because others may match too.
    const ours = await trust();
    const token = await issuer.sign({ sub: SUBJECT });
    await expect(authenticate(token, { workspace: null, isUsedUp: true })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    // The refusal did not use the token up.
    expect(await authenticate(token, { isUsedUp: true })).toMatchObject({ id: ours.id });
    await getDb().trustRule.deleteMany();
    await makeCrowd({});
    expect(await outcome({}, { workspace: null })).toBe('invalid_request');
  });
});

describe('a token with an id', () => {
  it('is used up by one of two concurrent requests, and stays valid for others', async () => {
    const rule = await trust();
    const token = await issuer.sign({ sub: SUBJECT });
    const once = await Promise.allSettled(
      Array.from({ length: 4 }, () => authenticate(token, { isUsedUp: true })),
    );
    expect(once.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await authenticate(token)).toMatchObject({ id: rule.id });
  });

  it('is used up for every workspace, but another issuer may use the same id', async () => {
    const globex = await makeTenant();
    await trust();
    await trust({}, globex);
    await trust({ issuer: other.url });
    const jti = randomUUID();
    const use = (by: typeof issuer, workspace: string) => outcome({ jti }, { workspace, isUsedUp: true }, by);
    expect(await use(issuer, acme.slug)).not.toBe('unauthenticated');
    expect(await use(issuer, globex.slug)).toBe('unauthenticated');
    expect(await use(other, acme.slug)).not.toBe('unauthenticated');
  });

  it('is not used up while no rule matches', async () => {
    const jti = randomUUID();
    expect(await outcome({ jti }, { isUsedUp: true })).toBe('unauthenticated');
    const { id } = await trust();
    expect(await outcome({ jti }, { isUsedUp: true })).toBe(id);
  });

  it('from a Kubernetes pod may mint until the kubelet rotates it, and so may a token without an id', async () => {
    const { id } = await trust({ subject: 'system:serviceaccount:engine:analysis' });
    const token = await issuer.signKubernetes(
      { namespace: 'engine', serviceAccount: 'analysis' },
      { jti: 'x' },
    );
    for (let n = 0; n < 2; n++) expect(await authenticate(token, { isUsedUp: true })).toMatchObject({ id });
    const plain = await trust();
    for (let n = 0; n < 2; n++) expect(await outcome({ jti: undefined }, { isUsedUp: true })).toBe(plain.id);
    expect(await getDb().workloadToken.count({ where: { expiresAt: { lt: new Date(0) } } })).toBe(0);
  });

  it('follows a change of its rule’s claims from the next request on', async () => {
    const { id } = await trust();
    await updateTrustRule(acme.by, id, { claims: { ref: 'main' } });
    expect(await outcome({})).toBe('unauthenticated');
    expect(await authenticate(await issuer.sign({ sub: SUBJECT, ref: 'main' }))).toMatchObject({
      rule: { revision: 1 },
    });
  });
});
