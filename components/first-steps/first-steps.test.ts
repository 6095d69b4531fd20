import { createElement } from 'react';
import { expect, it } from 'vitest';
import type { FirstSteps as Progress } from '@/lib/workspace/first-steps';
import { render } from '../testing/render';
import { areStepsOver, FirstSteps } from './first-steps';

const NOW = new Date('2026-11-22T20:00:00Z');
const begun = (minutesAgo: number): Progress => ({
  isConnected: true,
  hasRepositories: true,
  areKeysAllowed: true,
  waiting: null,
  firstToken: { issued_at: new Date(NOW.valueOf() - minutesAgo * 60_000).toISOString(), to: 'engine' },
  hasInvited: false,
  isHidden: false,
});
const DONE = { hasInvited: true };

it.each([
  ['before the first token: no', { ...begun(0), ...DONE, firstToken: null }, false],
  ['with a step to go, for a day: no', begun(24 * 60 - 1), false],
  ['with a step to go, after a day: yes', begun(24 * 60 + 1), true],
  ['when all is done, while a new key may still be shown: no', { ...begun(14), ...DONE }, false],
  ['when all is done, later: yes', { ...begun(16), ...DONE }, true],
])('knows whether the list is over %s', (_, progress, isOver) => {
  expect(areStepsOver(progress, NOW)).toBe(isOver);
});

type Shown = { progress?: Partial<Progress>; hasIssuers?: boolean };

const NONE: Progress = { ...begun(0), firstToken: null };

const show = ({ progress, ...props }: Shown) =>
  render(
    createElement(FirstSteps, {
      progress: { ...NONE, ...progress },
      connected: { accounts: ['acme', 'labs'], repositories: 1 },
      settings: '/w/acme/settings',
      hasIssuers: true,
      quickKey: null,
      hide: () => undefined,
      ...props,
    }),
  );

it('names each way to a token only where it leads to one', () => {
  expect(show({})).toContain('/trust-rules/new');
  expect(show({})).toContain('/api-keys/new');
  expect(show({})).toContain('and 1 more: 1 repository');
  expect(show({ hasIssuers: false })).not.toContain('trust rule');

  const withoutKeys = { progress: { areKeysAllowed: false } };
  expect(show(withoutKeys)).toContain('does not allow API keys');
  expect(show(withoutKeys)).not.toContain('/w/acme/settings/api-keys');
  const withoutAny = show({ ...withoutKeys, hasIssuers: false });
  expect(withoutAny).not.toContain('/trust-rules/new');
  expect(withoutAny).toContain('allow API keys');
});

it('leads to the key or rule that waits for its first use', () => {
  expect(show({ progress: { waiting: { kind: 'api_key', id: 'k1', name: 'engine' } } })).toContain(
    'href="/w/acme/settings/api-keys/k1"',
  );
  expect(show({ progress: { waiting: { kind: 'trust_rule', id: 'r1', name: 'ci' } } })).toContain(
    'href="/w/acme/settings/trust-rules/r1"',
  );
});

it('is done with the first token, because GitHub reports no clone', () => {
  const html = show({ progress: begun(1) });
  expect(html).toContain('engine');
  expect(html).not.toContain('waiting');
});
