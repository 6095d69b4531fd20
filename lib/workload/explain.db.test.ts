import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { makeWorkloadActor, makeWorkspace, startTestApp } from '../auth/test-fixtures';
import { getDb } from '../db/client';
import { explainToken } from './explain';
import { startTestIssuer } from './test-issuer';

const issuer = await startTestIssuer('http://localhost:3000');
afterAll(() => issuer.stop());
await startTestApp({ WORKLOAD_ISSUERS: issuer.url });

let workspace: { id: string; slug: string };
beforeEach(async () => {
  workspace = await makeWorkspace();
});

const SUBJECT = 'repo:acme/api:ref:refs/heads/main';
const rule = (
  name: string,
  more: { subject?: string; claims?: object; expiresAt?: Date; revokedAt?: Date },
) =>
  getDb().trustRule.create({
    data: { workspaceId: workspace.id, name, issuer: issuer.url, subject: SUBJECT, ...more },
  });

describe('the dry run of a token', () => {
  it('names the rule that wins, and what each other rule misses, without using the token up', async () => {
    await rule('all branches', { subject: 'repo:acme/api:ref:refs/heads/*' });
    await rule('main', {});
    await rule('web', { subject: 'repo:acme/web:ref:refs/heads/*' });
    await rule('prod', { claims: { environment: 'prod', run: 7, absent: true } });
    await rule('old', { expiresAt: new Date(Date.now() - 1) });
    await rule('gone', { revokedAt: new Date() });
    await makeWorkloadActor(await makeWorkspace());
    const token = await issuer.sign({ sub: SUBJECT, environment: 'test', run: 7 });
    const explained = await explainToken(workspace.id, ` ${token}\n`);
    expect(explained).toMatchObject({ verified: true, issuer: issuer.url, subject: SUBJECT });
    const rules = explained.verified ? explained.rules : [];
    expect(
      Object.fromEntries(rules.map(({ id: _, subject: __, name, ...verdict }) => [name, verdict])),
    ).toEqual({
      main: { verdict: 'wins' },
      'all branches': { verdict: 'narrower_rule_wins' },
      web: { verdict: 'subject_differs' },
      old: { verdict: 'expired' },
      prod: {
        verdict: 'claims_differ',
        claims: [
          { name: 'absent', wanted: 'true', found: null },
          { name: 'environment', wanted: 'prod', found: 'test' },
        ],
      },
    });
    expect(await getDb().workloadToken.count()).toBe(0);
  });

  it('tells why a token proves nothing', async () => {
    expect(await explainToken(workspace.id, 'no token')).toMatchObject({
      verified: false,
      reason: 'malformed',
    });
    const foreign = await issuer.sign({ sub: SUBJECT, aud: 'https://other.test' });
    expect(await explainToken(workspace.id, foreign)).toMatchObject({
      verified: false,
      reason: 'wrong_audience',
      sentence: expect.stringContaining('audience'),
    });
  });
});
