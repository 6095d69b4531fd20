import { createElement } from 'react';
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '@/lib/contract/audit-event';
import { render } from '../testing/render';
import { DEFAULT_COLUMNS } from './columns';
import { EventTable } from './event-table';

const EVENT = {
  id: '0b6f3c1e-52f4-4bd0-8f3a-000000000001',
  seq: 1,
  type: 'constructor',
  occurred_at: '2026-11-22T20:05:35.000Z',
  actor: { type: 'root', id: 'x', label: 'somebody' },
  workspace: 'acme',
  installation_id: null,
  client_ip: null,
  user_agent: null,
  request_id: 'r',
  details: {},
  prev_hash: '0'.repeat(64),
  hash: 'f'.repeat(64),
} as unknown as AuditEvent;

it('shows a row whose actor and type were tampered with', () => {
  const html = render(
    createElement(EventTable, {
      events: [EVENT],
      workspaceSlug: 'acme',
      columns: DEFAULT_COLUMNS,
      accounts: new Map(),
      eventHref: (seq) => `?event=${seq}`,
      times: 'relative',
    }),
  );
  expect(html).toContain('somebody (root)');
  expect(html).toContain('>constructor</a>');
  // The circle around the exclamation mark.
  expect(html).toContain('<path d="M2 12a10 10 ');
});

it('lets a narrow row break only after the dot between two parts', () => {
  const event = {
    ...EVENT,
    client_ip: '203.0.113.7',
    type: 'github.repositories_added',
    details: { account: 'acme', repositories: [{ id: 1, full_name: 'acme/api' }] },
  };
  const html = render(
    createElement(EventTable, {
      events: [event],
      workspaceSlug: 'acme',
      columns: DEFAULT_COLUMNS,
      accounts: new Map(),
      eventHref: (seq) => `?event=${seq}`,
      times: 'relative',
    }),
  );
  const text = html.replaceAll(/<[^>]*>/g, '');
  expect(text).toContain('somebody (root)\u00a0· acme\u00a0· acme/api\u00a0· 203.0.113.7');
});

describe('the row of a workload', () => {
  const rule = { id: '0b6f3c1e-52f4-4bd0-8f3a-00000000000a', name: 'nightly <b>"analysis"</b>', revision: 0 };
  const issuer = 'https://token.actions.githubusercontent.com';
  const subject = 'repo:acme/deploy:ref:refs/heads/main';
  const rowOf = (workload: unknown) =>
    render(
      createElement(EventTable, {
        events: [
          {
            ...EVENT,
            type: 'github.token_minted',
            actor: { type: 'workload', id: rule.id, label: subject },
            details: { workload } as AuditEvent['details'],
          },
        ],
        workspaceSlug: 'acme',
        columns: DEFAULT_COLUMNS,
        accounts: new Map(),
        eventHref: (seq) => `?event=${seq}`,
        times: 'relative',
      }),
    );

  it('names its trust rule and issuer, and links to the rule', () => {
    const html = rowOf({ issuer, subject, rule });
    expect(html).toContain(`href="/w/acme/settings/trust-rules/${rule.id}"`);
    expect(html).toContain('nightly &lt;b&gt;&quot;analysis&quot;&lt;/b&gt;');
    expect(html.replaceAll(/<[^>]*>/g, '')).toContain('token.actions.githubusercontent.com');
  });

  it.each([undefined, 'x', { issuer }, { issuer, subject, rule: { id: 7, name: 'x' } }])(
    'shows the event without a rule if somebody tampered with it: %j',
    (workload) => {
      const html = rowOf(workload);
      expect(html).toContain(subject);
      expect(html).not.toContain('trust-rules');
    },
  );
});
