import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseConfig } from '@/lib/config';
import { COMPLETE } from '@/lib/config/test-environment';
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

it('rates no claim higher than docs/claims.md does', () => {
  const rows = readFileSync('docs/claims.md', 'utf8').matchAll(
    /^\| (C\d\d) \|.*\| (held|partly|not yet)[^|]*\|$/gm,
  );
  const documented = new Map([...rows].map(([, id = '', status = '']) => [id, status]));
  expect(documented.size).toBe(24);
  for (const [id, { state }] of claims())
    expect([id, state === 'partly']).toEqual([id, documented.get(id) !== 'held']);
});

it('states a limit for every claim that holds partly', () => {
  for (const { id, state, limit } of claims().values())
    if (state === 'partly') expect([id, limit]).toEqual([id, expect.any(String)]);
});

it.each<[string, string, Partial<Facts>, string]>([
  ['the permissions are the two', 'C10', {}, 'checked'],
  [
    'GitHub reports more permissions',
    'C10',
    { permissions: { contents: 'write', metadata: 'read' } },
    'partly',
  ],
  ['the process holds the key', 'C11', { config: parseConfig(COMPLETE) }, 'partly'],
  ['GitHub does not answer', 'C10', { permissions: null }, 'unknown'],
  [
    'a column is not declared',
    'C02',
    { stored: { tables: [], secretSounding: [], undeclared: ['a.b'] } },
    'broken',
  ],
  [
    'a column is named like a secret',
    'C04',
    { stored: { tables: [], secretSounding: ['a.token'], undeclared: [] } },
    'broken',
  ],
  ['all of the chain was recomputed', 'C23', {}, 'checked'],
  [
    'a part of the chain was recomputed',
    'C23',
    { workspace: { ...WORKSPACE, chain: { ...CHAIN, events: 9 } } },
    'partly',
  ],
  ['the chain is broken', 'C23', { workspace: { ...WORKSPACE, chain: { ...CHAIN, firstBad: 2 } } }, 'broken'],
  ['the reader has no workspace', 'C23', { workspace: null }, 'by_design'],
])('shows the right state if %s: %s', (_, id, facts, state) => {
  expect(claims(facts).get(id)?.state).toBe(state);
});

it('never calls a broken chain consistent or unchangeable', () => {
  const claim = claims({ workspace: { ...WORKSPACE, chain: { ...CHAIN, firstBad: 2 } } }).get('C23');
  expect(claim?.evidence).toMatch(/^Event 2 does not fit/);
  expect(`${claim?.promise} ${claim?.evidence}`).not.toMatch(/nobody can|cannot be changed|and fit/i);
});
