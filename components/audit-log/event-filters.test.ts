import { expect, it } from 'vitest';
import { hrefOfPeriod } from './event-filters';

it.each([
  'FROM',
  'TO',
  'FROM TO',
  'STOP',
  'acme/TOOLS',
  '$& $1 $$',
  '&from=1999-01-01',
  'a=b&c#d?e',
  '%46ROM',
  '2026-11-01',
])('keeps the text %s of another filter unchanged when the reader chooses days', (q) => {
  const href = hrefOfPeriod(`/w/acme/audit-log?${new URLSearchParams({ q, from: '2026-01-01', actor: q })}`, {
    from: '2026-11-02',
    to: '2026-11-03',
  });
  const { pathname, searchParams, hash } = new URL(href, 'http://test');
  expect({ pathname, hash, ...Object.fromEntries(searchParams) }).toEqual({
    pathname: '/w/acme/audit-log',
    hash: '',
    q,
    actor: q,
    from: '2026-11-02',
    to: '2026-11-03',
  });
  expect([...searchParams]).toHaveLength(4);
});
