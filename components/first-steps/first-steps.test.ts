import { createElement } from 'react';
import { expect, it } from 'vitest';
import type { FirstSteps as Progress } from '@/lib/workspace/first-steps';
import { render } from '../testing/render';
import { areStepsOver, FirstSteps } from './first-steps';

const NOW = new Date('2026-11-22T20:00:00Z');
const begun = (minutesAgo: number): Progress => ({
  areKeysAllowed: true,
  hasCredential: true,
  firstToken: { issued_at: new Date(NOW.valueOf() - minutesAgo * 60_000).toISOString(), to: 'engine' },
  hasHandedBack: false,
  hasInvited: false,
});
const DONE = { hasHandedBack: true, hasInvited: true };

it.each([
  ['before the first token: no', { ...begun(0), ...DONE, firstToken: null }, false],
  ['with a step to go, for a day: no', begun(24 * 60 - 1), false],
  ['with a step to go, after a day: yes', begun(24 * 60 + 1), true],
  ['when all is done, while a new key may still be shown: no', { ...begun(14), ...DONE }, false],
  ['when all is done, later: yes', { ...begun(16), ...DONE }, true],
])('knows whether the list is over %s', (_, progress, isOver) => {
  expect(areStepsOver(progress, NOW)).toBe(isOver);
});

it('offers no key where the workspace forbids keys', () => {
  const html = render(
    createElement(FirstSteps, {
      progress: { ...begun(0), areKeysAllowed: false, hasCredential: false, firstToken: null },
      connected: { accounts: ['acme', 'labs'], repositories: 1 },
      settings: '/w/acme/settings',
      quickKey: null,
    }),
  );
  expect(html).toContain('does not allow API keys');
  expect(html).not.toContain('/w/acme/settings/api-keys');
  expect(html).toContain('and 1 more: 1 repository');
});
