/** Checks how many rules a look-up reads while 100,000 rules trust one issuer. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp } from '../auth/test-fixtures';
import { getDb } from '../db/client';
import { refusedService } from '../problem';
import { rowsRead } from '../testing/test-plans';
import { authenticateWorkload } from './authenticate';
import { startTestIssuer } from './test-issuer';

const issuer = await startTestIssuer('http://localhost:3000', { alg: 'ES256' });
const environment = await startTestApp({ WORKLOAD_ISSUERS: issuer.url });
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
const WORKSPACES = 1000;
const RULES_EACH = 100;
const OURS = 'repo:acme/api:ref:refs/heads/main';
/** The subject for which each workspace has a rule. */
const POPULAR = 'repo:popular/api:ref:refs/heads/main';
const SLUG = 'acme';

beforeAll(async () => {
  await owner.connect();
  await owner.query(
    `INSERT INTO workspaces (slug, name) SELECT 'tenant-' || n, 'tenant' FROM generate_series(1, $1::int) AS n`,
    [WORKSPACES],
  );
  // Half of the rules are patterns, and one of a workspace's rules is for the popular subject.
  await owner.query(
    `INSERT INTO trust_rules (workspace_id, name, issuer, subject, last_used_at)
      SELECT w.id, 'ci', $1, CASE WHEN n = 1 THEN $2 WHEN n % 2 = 0
          THEN 'repo:' || w.slug || '/*:ref:refs/heads/b' || n ELSE 'repo:' || w.slug || '/r' || n || ':ref:refs/heads/main' END,
        now()
      FROM workspaces AS w CROSS JOIN generate_series(1, $3::int) AS n`,
    [issuer.url, POPULAR, RULES_EACH],
  );
  const workspace = await getDb().workspace.create({ data: { slug: SLUG, name: 'Acme' } });
  await getDb().trustRule.createMany({
    data: [OURS, 'repo:acme/*:ref:refs/heads/main', POPULAR].map((subject) => ({
      workspaceId: workspace.id,
      name: 'ci',
      issuer: issuer.url,
      subject,
      lastUsedAt: new Date(),
    })),
  });
  await owner.query('VACUUM ANALYZE trust_rules');
});
afterAll(() => Promise.all([owner.end(), issuer.stop()]));

/** Counts the rules that are read to authenticate this subject. PostgreSQL rounds the number of rows of each loop. */
const read = async (subject: string, workspace: string | null) =>
  Math.round(await plannedRead(subject, workspace));

const plannedRead = (subject: string, workspace: string | null) =>
  rowsRead(owner, 'trust_rules', async () => {
    const token = await issuer.sign({ sub: subject });
    const use = { workspace, isUsedUp: true, clientIp: '192.0.2.7' };
    await authenticateWorkload(token, use).catch(() => {});
  });

describe('a look-up among 100,000 rules of one issuer', () => {
  it.each([
    ['names its workspace', OURS, SLUG, 2],
    ['names none', OURS, null, 2],
    ['names its workspace, but each workspace has a rule for the subject', POPULAR, SLUG, 1],
    ['matches a pattern', 'repo:tenant-7/anything:ref:refs/heads/b10', 'tenant-7', RULES_EACH / 2],
    ['matches no rule', 'repo:nobody/api:ref:refs/heads/main', null, 0],
    ['has a long subject', `repo:nobody/${'x'.repeat(980)}`, null, 0],
  ] as const)('reads no other rules if the caller %s', async (_, subject, workspace, expected) => {
    expect(await read(subject, workspace)).toBe(expected);
  });

  it('reads at most 201 rules if each workspace has a rule for the subject, and the caller names none', async () => {
    expect(await read(POPULAR, null)).toBe(201);
  });

  it('finds rules at the size of this test', async () => {
    const authenticate = async (sub: string) =>
      authenticateWorkload(await issuer.sign({ sub }), {
        workspace: SLUG,
        isUsedUp: false,
        clientIp: '192.0.2.7',
      });
    expect(await authenticate(OURS)).toMatchObject({ subject: OURS });
    await expect(authenticate('repo:nobody/api:ref:refs/heads/main')).rejects.toEqual(refusedService());
  });
});
