import { describe, expect, it } from 'vitest';
import { findSubjectError } from './subject-pattern';
import { CreateTrustRule, UpdateTrustRule } from './trust-rules';

const RULE = { name: 'ci', issuer: 'https://issuer.test', subject: 'repo:acme/api:ref:refs/heads/main' };

/** Returns the paths of the fields that are refused. */
const refused = (body: object) =>
  CreateTrustRule.safeParse({ ...RULE, ...body }).error?.issues.map(({ path }) => path.join('.')) ?? [];

describe('the subject of a trust rule', () => {
  it.each([
    'repo:acme/api:ref:refs/heads/main',
    'repo:acme/api:ref:refs/heads/*',
    'repo:acme/*:environment:production',
    'repo:acme/api-*:ref:refs/tags/v*.*',
    'repo:acme@12/*:ref:refs/heads/main',
    'project_path:acme/*:ref_type:branch:ref:main',
    'organization:acme:pipeline:*:ref:refs/heads/main:commit:*:step:build',
    'system:serviceaccount:engine:analysis-*',
    'spiffe://acme.test/ns/*/sa/engine',
    'arn:aws:iam::123456789012:role/engine-*',
    'https://acme.test/services/*',
    'job_workflow_ref:acme/*',
    '106012345678901234567',
    'repo:acme/api:environment:Größe 😀',
  ])('may be %s', (subject) => {
    expect(findSubjectError(subject)).toBeUndefined();
  });

  it.each([
    '*',
    'repo:*',
    'repo:*/api:ref:refs/heads/main',
    'repo:acme*/api:ref:refs/heads/main',
    'repo:acm*',
    'rep*:acme/api:pull_request',
    'repo:/*:ref:refs/heads/main',
    ':acme/*',
    'project_path:*/api:ref_type:branch:ref:main',
    'organization:acme*:pipeline:build',
    'system:serviceaccount:*:engine',
    'system:serviceaccount:engine*',
    'system:serviceaccount::*',
    'system:*:engine:analysis',
    'spiffe://*/ns/engine',
    'spiffe://acme.*/ns/engine',
    'spiffe:///*',
    'arn:aws:iam::*:role/engine',
    'arn:aws:iam::12345*:role/engine',
    'arn:aws:*',
    'https://*.acme.test/services',
    'https://acme.test*',
    'https:///*',
  ])('may not be %s, because it would match another tenant’s subject', (subject) => {
    expect(findSubjectError(subject)).toContain('must name its first parts');
  });

  it.each([
    ['', 'must not be empty'],
    ['a'.repeat(501), 'at most 500'],
    ['repo:acme/api:ref:refs/heads/**', 'must not contain "**"'],
    ['repo:acme/*:*:*:*:*:*:*:*:*', 'at most 8 "*"'],
    ['repo:acme/*:ref::main', 'an empty segment'],
    ['repo:acme/*:ref:refs/heads/', 'an empty segment'],
    ['repo:acme/api\n', 'control characters'],
    ['repo:acme/\u0000api', 'control characters'],
    ['repo:acme/\ud800', 'control characters'],
    [' repo:acme/api', 'begin or end with a space'],
    ['repo:acme/api ', 'begin or end with a space'],
  ])('may not be %j', (subject, message) => {
    expect(findSubjectError(subject)).toContain(message);
    expect(refused({ subject })).toEqual(['subject']);
  });
});

describe('the claims of a trust rule', () => {
  it('are texts, whole numbers and booleans by name or path', () => {
    const claims = { environment: 'prod', 'kubernetes.io/namespace': 'engine', run_attempt: 1, admin: false };
    expect(CreateTrustRule.parse({ ...RULE, claims })).toEqual({ ...RULE, claims });
    expect(UpdateTrustRule.parse({ claims: {} })).toEqual({ claims: {} });
  });

  it.each([
    { a: null },
    { a: ['x'] },
    { a: { b: 'x' } },
    { a: 1.5 },
    { a: 2 ** 53 },
    { a: 'x\u0000' },
    { a: 'x'.repeat(501) },
    { '': 'x' },
    { 'a\n': 'x' },
    { sub: 'x' },
    { jti: 'x' },
    Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`a${n}`, 'x'])),
    [],
    'a',
    null,
  ])('may not be %j', (claims) => {
    expect(new Set(refused({ claims }).map((path) => path.split('.')[0]))).toEqual(new Set(['claims']));
  });

  it('may not name "__proto__", which would drop out of the rule', () => {
    const claims = JSON.parse('{"__proto__": "x", "ref": "refs/heads/main"}');
    expect(refused({ claims })).toEqual(['claims']);
    expect(UpdateTrustRule.safeParse({ claims }).success).toBe(false);
  });
});

it('refuses a body with unknown fields, and a change of issuer or subject', () => {
  expect(refused({ audience: 'x' })).toEqual(['']);
  expect(UpdateTrustRule.safeParse({ subject: RULE.subject }).success).toBe(false);
  expect(UpdateTrustRule.safeParse({ issuer: RULE.issuer }).success).toBe(false);
  expect(UpdateTrustRule.parse({ repositories: null, expires_at: null })).toEqual({
    repositories: null,
    expires_at: null,
  });
});
