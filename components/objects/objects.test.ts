import { createElement } from 'react';
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '@/lib/contract/audit-event';
import { HealthCard } from '../github/health-card';
import { PermissionsCard } from '../github/permissions-card';
import { render } from '../testing/render';
import { LastEvents } from './last-events';
import { PersonLink, RepositoryLink } from './links';
import { ObjectList } from './object-list';
import { UsageCard } from './usage-card';
import { totalsOf } from './usage-chart';

const HOSTILE = '<img src=x onerror=alert(1)>\u202e';

const EVENT: AuditEvent = {
  id: '0b6f3c1e-52f4-4bd0-8f3a-000000000001',
  seq: 7,
  type: 'github.token_minted',
  occurred_at: '2026-11-22T20:05:35.000Z',
  actor: { type: 'api_key', id: 'key-1', label: HOSTILE },
  workspace: 'acme',
  installation_id: 42,
  client_ip: '203.0.113.7',
  user_agent: null,
  request_id: 'request-1',
  details: { repositories: [{ id: 1, full_name: HOSTILE }], permissions: { contents: 'read' } },
  prev_hash: '0'.repeat(64),
  hash: 'f'.repeat(64),
};

const day = (n: number, minted: number, denied = 0, partial = false) => ({
  day: `2026-11-${String(n).padStart(2, '0')}`,
  minted,
  denied,
  partial,
});

describe('the use of something', () => {
  const card = (days: ReturnType<typeof day>[]) =>
    render(
      createElement(UsageCard, {
        usage: { days, addresses: [{ ip: '203.0.113.7', events: 1, last_at: EVENT.occurred_at }] },
        logHref: '/log',
        addressHref: (ip) => `/log?ip=${ip}`,
      }),
    );

  it('is said in words, with its busiest day', () => {
    const html = card([day(1, 2), day(2, 5, 1), day(3, 0)]);
    expect(html).toContain('Tokens per day: 7 issued and 1 refused in 3 days, in UTC. Most on 2026-11-02.');
    expect(html).toContain('2026-11-02: 5 issued, 1 refused');
    expect(html).not.toContain('2026-11-03: ');
    expect(html).toContain('Peak: 6 a day');
    expect(html).toContain('href="/log?ip=203.0.113.7"');
  });

  it('is “at least” what was counted, if not all events were', () => {
    expect(totalsOf([day(1, 1, 0, true), day(2, 3, 2)])).toEqual({
      issued: 4,
      refused: 2,
      atLeast: 'at least ',
    });
    expect(card([day(1, 1, 0, true)])).toContain('2026-11-01: at least 1 issued');
  });

  it('shows a single refusal among thousands of tokens', () => {
    expect(card([day(1, 100_000, 1)])).toMatch(/height="2"[^>]*fill-danger/);
  });

  it('draws nothing if there was none', () => {
    const html = card([day(1, 0), day(2, 0)]);
    expect(html).toContain('No token was issued or refused.');
    expect(html).not.toContain('<svg role');
  });
});

describe('names that others chose', () => {
  it('are text on lists of events and objects', () => {
    const events = render(
      createElement(LastEvents, {
        title: 'Last events',
        events: [EVENT],
        eventHref: (seq) => `/log?event=${seq}`,
        logHref: '/log',
        withActor: true,
      }),
    );
    const objects = render(
      createElement(ObjectList, {
        id: 'made',
        title: 'Created',
        objects: [{ kind: 'api_key', id: '1', name: HOSTILE, about: '' }],
        limit: 1,
        none: 'None.',
        settings: '/w/acme/settings',
      }),
    );
    for (const html of [events, objects]) {
      expect(html).not.toContain('<img');
      expect(html).toContain('&lt;img');
      expect(html).toContain('<bdi');
    }
    expect(events).toContain('href="/log?event=7"');
    expect(objects).toContain('href="/w/acme/settings/api-keys/1"');
  });
});

describe('links', () => {
  const links = { workspacePath: '/w/acme', memberIds: new Map([['mia@acme.test', 'id-1']]) };

  it('lead to members and repositories, and a former member is text', () => {
    expect(render(createElement(PersonLink, { email: 'mia@acme.test', links }))).toContain(
      'href="/w/acme/settings/members/id-1"',
    );
    expect(render(createElement(PersonLink, { email: 'gone@acme.test', links }))).not.toContain('href');
    expect(render(createElement(RepositoryLink, { id: 7, name: 'acme/api', links }))).toContain(
      'href="/w/acme/repositories/7"',
    );
  });
});

describe('a list of objects', () => {
  it('says that there are more than it shows, or none', () => {
    const list = (count: number) =>
      render(
        createElement(ObjectList, {
          id: 'made',
          title: 'Created',
          objects: Array.from({ length: count }, (_, n) => ({
            kind: 'connection' as const,
            id: String(n),
            name: `acme-${n}`,
            about: '',
          })),
          limit: 2,
          none: 'None that works.',
          settings: '/w/acme/settings',
        }),
      );
    expect(list(0)).toContain('None that works.');
    expect(list(2)).not.toContain('And more.');
    expect(list(3)).toContain('And more.');
    expect(list(3)).not.toContain('acme-2');
  });
});

describe('a connection', () => {
  it('counts its problems, and says what to do about each', () => {
    const html = render(
      createElement(HealthCard, {
        items: [
          { name: 'Tokens', isWell: true, found: 'Tokens are issued.' },
          { name: 'Permissions', isWell: false, found: 'Pending.', todo: 'Accept them.' },
        ],
      }),
    );
    expect(html).toContain('1 problem');
    expect(html).toContain('Pending. Accept them.');
    expect(render(createElement(HealthCard, { items: [] }))).toContain('Healthy');
  });

  it('shows a permission as granted, pending or more than asked for', () => {
    const html = render(
      createElement(PermissionsCard, {
        permissions: [
          { name: 'contents', granted: 'read', asked: 'read', state: 'granted' },
          { name: 'issues', granted: null, asked: 'read', state: 'pending' },
          { name: HOSTILE, granted: 'write', asked: null, state: 'beyond' },
        ],
        configureHref: 'https://github.test/settings',
      }),
    );
    expect(html).toMatch(/contents.*Granted.*issues.*Nothing.*Pending.*More than asked for/s);
    expect(html).not.toContain('<img');
  });
});
