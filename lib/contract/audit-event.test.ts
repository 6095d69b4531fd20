import { describe, expect, it } from 'vitest';
import { AuditEventsQuery } from './audit-event';

const issues = (query: Record<string, string>) =>
  AuditEventsQuery.safeParse(query).error?.issues.map(({ path }) => path.join('.')) ?? [];

describe('the query of the audit list', () => {
  it('rejects an end before the beginning, and names the end', () => {
    const [early, late] = ['2026-01-01T00:00:00Z', '2026-01-01T01:00:00+00:30'];
    expect(issues({ from: late, to: early })).toEqual(['to']);
    expect(issues({ from: early, to: late })).toEqual([]);
    expect(issues({ from: early, to: early })).toEqual([]);
  });

  it('rounds a time finer than a millisecond up, so that no event changes sides', () => {
    const { from } = AuditEventsQuery.parse({ from: '2026-01-01T00:00:00.0001Z' });
    expect(from).toBe('2026-01-01T00:00:00.001Z');
    expect(AuditEventsQuery.parse({ from: '2026-01-01T00:00:00.1230Z' }).from).toBe(
      '2026-01-01T00:00:00.123Z',
    );
  });

  it.each(['203.0.113.7', '203.0.113.0/24', '2001:db8::1', '2001:db8::/32', '::ffff:203.0.113.7'])(
    'accepts the address or range %s',
    (ip) => expect(issues({ ip })).toEqual([]),
  );

  it.each(['203.0.113', '203.0.113.7/33', '2001:db8::/129', 'x/24', '203.0.113.0/', '1.2.3.4/24/24'])(
    'rejects %s as an address',
    (ip) => expect(issues({ ip })).toEqual(['ip']),
  );

  it.each(['acme/api', 'Acme-1/API.js', 'mona_acme/api', '12345'])(
    'accepts %s as a repository',
    (repository) => expect(issues({ repository })).toEqual([]),
  );

  it.each(['api', 'acme/', '/api', 'a/b/c', '-x/y', '0', 'acme/a b', ''])(
    'rejects "%s" as a repository',
    (repository) => expect(issues({ repository })).toEqual(['repository']),
  );
});
