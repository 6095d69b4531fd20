import { expect, it } from 'vitest';
import { auditLogHref } from './audit-log-href';

it('links to the whole log without filters', () => {
  expect(auditLogHref('acme')).toBe('/w/acme/audit-log');
  expect(auditLogHref('acme', { type: '', q: '' })).toBe('/w/acme/audit-log');
});

it('keeps every value as it is, whatever it contains', () => {
  const actor = 'a&type=b#c?d=e +%2f';
  const href = auditLogHref('acme', { actor, repository: 'acme/api', event: '7' });
  const { pathname, searchParams, hash } = new URL(href, 'http://test');
  expect({ pathname, hash, ...Object.fromEntries(searchParams) }).toEqual({
    pathname: '/w/acme/audit-log',
    hash: '',
    actor,
    repository: 'acme/api',
    event: '7',
  });
});

it('writes the same filters in the same order, so that equal addresses are equal texts', () => {
  expect(auditLogHref('acme', { q: 'x', type: 'y' })).toBe(auditLogHref('acme', { type: 'y', q: 'x' }));
});
