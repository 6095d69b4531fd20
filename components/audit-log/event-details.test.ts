import { createElement } from 'react';
import { expect, it } from 'vitest';
import type { AuditEvent } from '@/lib/contract/audit-event';
import { render } from '../testing/render';
import { accountOf, describeEvent, repositoriesOf } from './describe-event';
import { EventDetails } from './event-details';

const EVENT: AuditEvent = {
  id: '0b6f3c1e-52f4-4bd0-8f3a-000000000001',
  seq: 7,
  type: 'github.token_minted',
  occurred_at: '2026-11-22T20:05:35.000Z',
  actor: { type: 'api_key', id: 'key-1', label: 'engine' },
  workspace: 'acme',
  installation_id: 42,
  client_ip: '203.0.113.7',
  user_agent: 'curl/8',
  request_id: 'request-1',
  // In the order in which the database returns them, which isn't the order shown.
  details: {
    extra: 'x',
    expires_at: '2026-11-22T21:05:35.000Z',
    permissions: { contents: 'read' },
    hashed_token: 'aGFzaA==',
    repositories: ['acme/api'],
  },
  prev_hash: '0'.repeat(64),
  hash: 'f'.repeat(64),
};

it('lists the action’s fields before those of the request and the row', () => {
  const html = render(
    createElement(EventDetails, {
      event: EVENT,
      workspaceSlug: 'acme',
      accounts: new Map([[42, 'acme']]),
      organizationLog: null,
      previousUse: null,
      filterHref: () => '/',
      eventHref: () => '/',
    }),
  );
  const terms = [...html.matchAll(/<dt[^>]*>(.*?)<\/dt>/g)].map(([, term]) =>
    term?.replaceAll(/<[^>]*>/g, ''),
  );
  expect(terms).toEqual([
    'Event',
    'Time',
    'Actor',
    'IP address',
    'Account',
    'repositories',
    'permissions',
    'expires at',
    'hashed token',
    'extra',
    'User agent',
    'Request id',
    'Sequence number',
    'Event id',
    'Actor id',
    'Previous hash',
    'Hash',
  ]);
});

it('shows a workload’s rule as a link, its issuer and its subject, and none of them as JSON', () => {
  const rule = { id: 'a/b', name: 'nightly', revision: 3 };
  const html = render(
    createElement(EventDetails, {
      event: {
        ...EVENT,
        actor: { type: 'workload', id: 'a/b', label: 'repo:acme/deploy' },
        details: { workload: { issuer: 'https://issuer.test', subject: 'repo:acme/deploy:x', rule } },
      },
      workspaceSlug: 'acme',
      accounts: new Map(),
      organizationLog: null,
      previousUse: null,
      filterHref: () => '/',
      eventHref: () => '/',
    }),
  );
  expect(html).toContain('href="/w/acme/settings/trust-rules/a%2Fb"');
  for (const text of ['nightly', 'https://issuer.test', 'repo:acme/deploy:x']) expect(html).toContain(text);
  expect(html).not.toContain('revision');
});

it.each([
  ['null', null],
  ['a list', ['acme/api']],
  ['a text', 'forged'],
  ['a number', 7],
])('shows a row whose details somebody replaced by %s, so that it cannot hide the log', (_, details) => {
  const event = { ...EVENT, details: details as unknown as AuditEvent['details'] };
  const accounts = new Map<number, string>();
  expect(describeEvent(event)).toMatchObject({ label: expect.any(String) });
  expect(repositoriesOf(event)).toBeNull();
  expect(accountOf(event, accounts)).toBe('installation 42');
  const html = render(
    createElement(EventDetails, {
      event,
      workspaceSlug: 'acme',
      accounts,
      organizationLog: null,
      previousUse: null,
      filterHref: () => '#',
      eventHref: () => '#',
    }),
  );
  expect(html).toContain(event.hash);
});
