import { expect, it } from 'vitest';
import { stateOf } from './permissions';

it.each([
  ['read', 'read', 'granted'],
  [null, 'read', 'pending'],
  ['read', 'write', 'pending'],
  ['write', 'read', 'beyond'],
  ['read', null, 'beyond'],
  ['read', 'some-new-level', 'pending'],
] as const)('a permission granted as %s and asked for as %s is %s', (granted, asked, state) => {
  expect(stateOf({ name: 'contents', granted, asked })).toBe(state);
});
