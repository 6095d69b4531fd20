import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import { Expiry } from './time';

it('shows the relative time and the day of an expiry', () => {
  const html = renderToStaticMarkup(createElement(Expiry, { value: '2001-02-03T04:05:06.000Z' }));
  expect(html.replaceAll(/<[^>]*>/g, '')).toMatch(/^\d+ years ago \(2001-02-03\)$/);
});
