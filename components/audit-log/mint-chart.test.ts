import { createElement } from 'react';
import { expect, it } from 'vitest';
import { render } from '../testing/render';
import { MintChart } from './mint-chart';

const DAYS = [
  { day: '2026-11-20', minted: 3, denied: 1, partial: true },
  { day: '2026-11-21', minted: 0, denied: 0, partial: false },
  { day: '2026-11-22', minted: 0, denied: 2, partial: false },
];

const chart = (selected: { from: string; to: string } | null) =>
  render(createElement(MintChart, { days: DAYS, href: '/w/acme/audit-log?type=x', selected }));

it('links only days with tokens, each to the log of that day', () => {
  const links = [...chart(null).matchAll(/<a href="([^"]*)" data-index="(\d)" aria-label="([^"]*)"/g)];
  expect(links.map(([, ...parts]) => parts)).toEqual([
    [
      '/w/acme/audit-log?type=x&amp;from=2026-11-20&amp;to=2026-11-20',
      '0',
      '2026-11-20: at least 3 minted, 1 refused',
    ],
    [
      '/w/acme/audit-log?type=x&amp;from=2026-11-22&amp;to=2026-11-22',
      '2',
      '2026-11-22: 0 minted, 2 refused',
    ],
  ]);
});

it('marks selected days, one without tokens included', () => {
  const html = chart({ from: '2026-11-21', to: '2026-11-22' });
  expect(html.match(/aria-current="true"/g)).toHaveLength(1);
  expect(html).toContain('<rect x="300" width="300" height="72" class="fill-accent-surface">');
});
