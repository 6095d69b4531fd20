import { createElement } from 'react';
import { expect, it } from 'vitest';
import { render } from '../testing/render';
import type { ChartSpan } from './chart-spans';
import { TokenChart } from './token-chart';

const span = (day: string, minted: number, denied: number, more: Partial<ChartSpan> = {}): ChartSpan => ({
  label: day,
  from: day,
  to: day,
  minted,
  denied,
  partial: false,
  isSelected: false,
  ...more,
});

const chart = (selected: string[] = [], zone?: string) =>
  render(
    createElement(TokenChart, {
      spans: [
        span('2026-11-20', 3, 1, { partial: true }),
        span('2026-11-21', 0, 0, { isSelected: selected.includes('2026-11-21') }),
        span('2026-11-22', 0, 2, { isSelected: selected.includes('2026-11-22') }),
      ],
      unit: 'day',
      href: '/w/acme/audit-log?type=x&cursor=y',
      zone,
    }),
  );
const linksOf = (html: string) =>
  [...html.matchAll(/<a href="([^"]*)" data-index="(\d)" aria-label="([^"]*)"/g)].map(
    ([, ...parts]) => parts,
  );

it('links only days with tokens, each to the first page of the log of that day', () => {
  expect(linksOf(chart())).toEqual([
    [
      '/w/acme/audit-log?type=x&amp;from=2026-11-20&amp;to=2026-11-20',
      '0',
      '2026-11-20: at least 3 issued, 1 refused',
    ],
    [
      '/w/acme/audit-log?type=x&amp;from=2026-11-22&amp;to=2026-11-22',
      '2',
      '2026-11-22: 0 issued, 2 refused',
    ],
  ]);
});

it('names the zone of its days in the links', () => {
  expect(linksOf(chart([], 'Asia/Tokyo'))[0]?.[0]).toContain('zone=Asia%2FTokyo');
});

it('marks selected days, one without tokens included', () => {
  const html = chart(['2026-11-21', '2026-11-22']);
  expect(html.match(/aria-current="true"/g)).toHaveLength(1);
  expect(html).toContain('<rect x="300" width="300" height="48" class="fill-accent-surface">');
});

it('has an axis from 0 to the highest bar, and one of time', () => {
  const text = chart().replaceAll(/<[^>]*>/g, ' ');
  expect(text).toMatch(/ 4 +0 /);
  for (const tick of ['11-20', '11-21', '11-22']) expect(text).toContain(tick);
});

it('gives the picture a title of one text, because browsers read it so', () => {
  // React hydrates several texts within `<title>` as different elements.
  expect(chart()).toMatch(/<svg[^>]*><title>Tokens per day<\/title>/);
});

it.each([
  [1, ['01']],
  [3, ['01', '02', '03']],
  [8, ['02', '04', '06', '08']],
  [30, ['06', '12', '18', '24', '30']],
])('labels some of %i days below their own bars, the newest always', (count, labelled) => {
  const days = Array.from({ length: count }, (_, index) => `2026-11-${String(index + 1).padStart(2, '0')}`);
  const html = render(
    createElement(TokenChart, {
      spans: days.map((day) => span(day, 1, 0)),
      unit: 'day',
      href: '/w/acme/audit-log',
      zone: undefined,
    }),
  );
  const [, axis = ''] = /<div aria-hidden="true" class="flex h-4[^>]*>(.*?)<\/div>/.exec(html) ?? [];
  const cells = [...axis.matchAll(/<span>(.*?)<\/span>/g)].map(([, text]) => text);
  // One cell of the axis for each bar, all of the same width.
  expect(cells).toHaveLength(count);
  expect(cells.flatMap((text, index) => (text ? [[text, days[index]?.slice(5)]] : []))).toEqual(
    labelled.map((day) => [`11-${day}`, `11-${day}`]),
  );
});
