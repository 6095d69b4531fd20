import { createElement } from 'react';
import { expect, it } from 'vitest';
import { render } from '../testing/render';
import { WorkspaceCard } from './evidence-cards';

const EVIDENCE = {
  name: 'Acme',
  minted: 6,
  denied: 9,
  days: 30,
  since: '2026-11-01',
  partial: false,
  chain: { events: 1204, headHash: 'ab', verified: 1204, firstBad: null },
};
const card = (logSlug: string | null) => render(createElement(WorkspaceCard, { ...EVIDENCE, logSlug }));

it('leads to all tokens that it counts: issued and refused, since the first counted day', () => {
  const [, href = ''] = /<a\s+href="([^"]*)"/.exec(card('acme')) ?? [];
  const { pathname, searchParams } = new URL(href.replaceAll('&amp;', '&'), 'http://localhost');
  expect(pathname).toBe('/w/acme/audit-log');
  expect(Object.fromEntries(searchParams)).toEqual({
    type: 'github.token_minted,github.token_denied',
    from: '2026-11-01',
  });
});

it('has no link for a reader who may not open the audit log', () => {
  expect(card(null)).not.toContain('<a');
});

it.each([
  [1, 'after 1 event<'],
  [1204, 'after 1,204 events<'],
])('counts %i events of the chain in words', (events, words) => {
  const html = render(
    createElement(WorkspaceCard, { ...EVIDENCE, chain: { ...EVIDENCE.chain, events }, logSlug: null }),
  );
  expect(html).toContain(words);
});
