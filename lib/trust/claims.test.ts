import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseConfig } from '@/lib/config';
import { COMPLETE } from '@/lib/config/test-environment';
import { answers } from './answers';
import { claimGroups, type Facts } from './claims';

const CHAIN = { events: 3, headHash: 'f'.repeat(64), verified: 3, firstBad: null };
const WORKSPACE = { minted: 1, denied: 0, days: 30, partial: false, chain: CHAIN };
/** KMS signs, as in the manifests in `deploy/`. */
const BY_KMS = { ...COMPLETE, GITHUB_APP_PRIVATE_KEY: undefined, GITHUB_APP_KMS_KEY_ID: 'alias/app' };
const SOUND: Facts = {
  config: parseConfig(BY_KMS),
  workspace: WORKSPACE,
  permissions: { contents: 'read', metadata: 'read' },
  stored: { tables: [], secretSounding: [], undeclared: [] },
};

function claims(facts: Partial<Facts> = {}) {
  const all = claimGroups({ ...SOUND, ...facts }).flatMap((group) => group.claims);
  return new Map(all.map((claim) => [claim.id, claim]));
}

const documented = new Map(
  [
    ...readFileSync('docs/claims.md', 'utf8').matchAll(/^\| (C\d\d) \|.*\| (held|partly|not yet)[^|]*\|$/gm),
  ].map(([, id = '', status = '']) => [id, status]),
);

it('marks exactly the claims that docs/claims.md rates as partly held, so that their limits are always shown', () => {
  expect(documented.size).toBe(24);
  for (const [id, { isPartly = false, limit }] of claims()) {
    expect([id, isPartly]).toEqual([id, documented.get(id) !== 'held']);
    if (isPartly) expect([id, limit]).toEqual([id, expect.any(String)]);
  }
});

it('shows every claim of docs/claims.md once, each with an anchor of its own', () => {
  const all = claimGroups(SOUND).flatMap((group) => group.claims);
  expect(all.map(({ id }) => id).sort()).toEqual([...documented.keys()].sort());
  expect(new Set(all.map(({ anchor }) => anchor)).size).toBe(24);
});

it.each<[string, string, Partial<Facts>, string]>([
  ['the permissions are the two', 'C10', {}, 'holds'],
  ['GitHub reports fewer permissions', 'C10', { permissions: { metadata: 'read' } }, 'holds'],
  [
    'GitHub reports a wider access',
    'C10',
    { permissions: { contents: 'write', metadata: 'read' } },
    'does_not_hold',
  ],
  [
    'GitHub reports another permission',
    'C10',
    { permissions: { contents: 'read', metadata: 'read', issues: 'read' } },
    'does_not_hold',
  ],
  ['GitHub does not respond', 'C10', { permissions: null }, 'not_checkable'],
  ['GitHub accepts our signature', 'C05', {}, 'holds'],
  ['GitHub does not respond', 'C05', { permissions: null }, 'not_checkable'],
  ['KMS signs', 'C11', {}, 'holds'],
  ['the process holds the key', 'C11', { config: parseConfig(COMPLETE) }, 'not_checkable'],
  ['every column is declared', 'C02', {}, 'holds'],
  [
    'a column is not declared',
    'C02',
    { stored: { tables: [], secretSounding: [], undeclared: ['a.b'] } },
    'does_not_hold',
  ],
  ['no column is named like a secret, which proves little', 'C04', {}, 'not_checkable'],
  [
    'a column is named like a secret',
    'C04',
    { stored: { tables: [], secretSounding: ['a.token'], undeclared: [] } },
    'does_not_hold',
  ],
  ['all of the chain was recomputed', 'C23', {}, 'holds'],
  [
    'a part of the chain was recomputed',
    'C23',
    { workspace: { ...WORKSPACE, chain: { ...CHAIN, events: 9 } } },
    'not_checkable',
  ],
  [
    'the chain is broken',
    'C23',
    { workspace: { ...WORKSPACE, chain: { ...CHAIN, firstBad: 2 } } },
    'does_not_hold',
  ],
  ['the reader has no workspace', 'C23', { workspace: null }, 'not_checkable'],
])('shows the right state if %s: %s', (_, id, facts, state) => {
  expect(claims(facts).get(id)?.state).toBe(state);
});

it('names what GitHub reports beyond the promised permissions', () => {
  const permissions = { contents: 'write', metadata: 'read', issues: 'read' };
  expect(claims({ permissions }).get('C10')?.evidence).toContain('also contents: write, issues: read.');
});

it('gives an answer the worst state of its claims, and leads to the first claim with that state', () => {
  const answer = (facts: Partial<Facts>, question: RegExp) =>
    answers(claimGroups({ ...SOUND, ...facts })).find((each) => question.test(each.question));
  expect(answer({}, /write/)).toMatchObject({ state: 'holds', href: '#read-only' });
  expect(answer({ permissions: { contents: 'write' } }, /write/)).toMatchObject({ state: 'does_not_hold' });
  expect(answer({}, /keep our code/)).toMatchObject({ state: 'not_checkable', href: '#no-credentials' });
  const undeclared = { stored: { tables: [], secretSounding: [], undeclared: ['a.b'] } };
  expect(answer(undeclared, /keep our code/)).toMatchObject({ state: 'does_not_hold', href: '#stored-data' });
  const broken = { workspace: { ...WORKSPACE, chain: { ...CHAIN, firstBad: 2 } } };
  expect(answer(broken, /check/)).toMatchObject({ state: 'does_not_hold', href: '#append-only' });
});

it('never calls a broken chain consistent or unchangeable', () => {
  const claim = claims({ workspace: { ...WORKSPACE, chain: { ...CHAIN, firstBad: 2 } } }).get('C23');
  expect(claim?.evidence).toMatch(/^Event 2 does not fit/);
  expect(`${claim?.promise} ${claim?.evidence}`).not.toMatch(/nobody can|cannot be changed|and fit/i);
});
