import { expect, it } from 'vitest';
import { AUDIT_EVENTS } from './audit-types';
import { EVENT_GROUPS, expandGroups, TYPES_OF_GROUP } from './event-groups';

it('puts every type into one group, and tokens first', () => {
  expect(Object.values(TYPES_OF_GROUP).flat().sort()).toEqual(Object.keys(AUDIT_EVENTS).sort());
  expect(Object.keys(EVENT_GROUPS)[0]).toBe('tokens');
  expect(TYPES_OF_GROUP.tokens).toEqual([
    'github.token_minted',
    'github.token_denied',
    'github.token_revoked',
    'minting.stopped',
    'minting.started',
  ]);
  for (const types of Object.values(TYPES_OF_GROUP)) expect(types).not.toEqual([]);
});

it('names no group as a type is named, so that a search can tell them apart', () => {
  const names = Object.keys(AUDIT_EVENTS).flatMap((type) => [type, type.slice(type.indexOf('.') + 1)]);
  for (const group of Object.keys(EVENT_GROUPS)) expect(names).not.toContain(group);
});

it('expands groups within a list of types, each type once', () => {
  expect(expandGroups('github.token_denied,tokens,member.added')).toBe(
    `github.token_denied,github.token_minted,github.token_revoked,minting.stopped,minting.started,member.added`,
  );
  expect(expandGroups('no.such,constructor')).toBe('no.such,constructor');
});
