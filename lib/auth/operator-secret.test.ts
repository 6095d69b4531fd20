import { expect, it, vi } from 'vitest';
import { assertCronSecret, assertMetricsToken } from './operator-secret';
import { testEnvironment } from './test-fixtures';

it('rejects every caller when no secret is configured', () => {
  for (const [name, value] of Object.entries(testEnvironment('postgresql://nobody@127.0.0.1:1/none')))
    vi.stubEnv(name, value);
  for (const check of [assertCronSecret, assertMetricsToken])
    for (const given of [null, '', 'undefined', 'null'])
      expect(() => check(given)).toThrow(expect.objectContaining({ code: 'unauthenticated' }));
});
