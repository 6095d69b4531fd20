import { expect, it, vi } from 'vitest';
import { assertCronSecret, assertMetricsToken } from './operator-secret';
import { testEnvironment } from './test-fixtures';

it('refuses everybody when no secret is configured', () => {
  for (const [name, value] of Object.entries(testEnvironment('postgresql://nobody@127.0.0.1:1/none')))
    vi.stubEnv(name, value);
  for (const check of [assertCronSecret, assertMetricsToken])
    for (const header of [null, '', 'Bearer', 'Bearer ', 'Bearer undefined', 'Bearer null'])
      expect(() => check(header)).toThrow(expect.objectContaining({ code: 'unauthenticated' }));
});
