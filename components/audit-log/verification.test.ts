import { createElement } from 'react';
import { expect, it } from 'vitest';
import type { AuditVerification } from '@/lib/contract/audit-event';
import { render } from '../testing/render';
import { VerificationPending, VerificationResult } from './verification';

const shown = (result: Omit<AuditVerification, 'head_hash'>) =>
  render(
    createElement(VerificationResult, {
      result: { ...result, head_hash: 'a'.repeat(64) },
      dismissHref: '/audit-log',
      eventHref: (seq) => `/audit-log?event=${seq}`,
    }),
  );

it('claims nothing about archived events, because they were not read', () => {
  const intact = shown({ ok: true, events: 13, archived: 7 });
  expect(intact).toContain('Events 1 to 7 are archived');
  expect(intact).toContain('Event 8 continues');
  expect(intact).toContain('Every event in this log was hashed again');
  expect(shown({ ok: true, events: 13, archived: 1 })).toContain('Event 1 is archived');

  const broken = { ok: false, archived: 7, first_bad: 10, events: 9 };
  expect(shown(broken)).toContain('The log’s 2 events before it are intact; this one and those after it');
  expect(shown({ ...broken, first_bad: 9, events: 8 })).toContain('The log’s 1 event before it is intact');
  expect(shown({ ...broken, first_bad: 8, events: 7 })).toContain('This event and those after it cannot');
  expect(shown({ ok: false, first_bad: 7, events: 6 })).toContain('The log’s 6 events before it are intact');
});

it.each([
  [1, '1 of 1 event<'],
  [2, '1 of 2 events<'],
])('says how many of %i events are hashed', (of, words) => {
  expect(render(createElement(VerificationPending, { progress: { events: 1, of } }))).toContain(words);
});
