import { parse } from 'node-html-parser';
import { createElement } from 'react';
import { expect, it } from 'vitest';
import { render } from '../testing/render';
import { headingId } from './heading-id';
import { Markdown } from './markdown';

const html = (text: string, hrefOf: (link: string) => string | null = (link) => link) =>
  render(createElement(Markdown, { text, hrefOf }));

it('renders headings, tables, lists, code and emphasis as elements', () => {
  const page = parse(
    html(
      '# Title\n\nSome *words* and `code`.\n\n1. one\n2. two\n\n| a | b |\n| --- | --- |\n| c | **d** |\n',
    ),
  );
  expect(page.querySelector('h1')?.text).toBe('Title');
  expect(page.querySelector('p em')?.text).toBe('words');
  expect(page.querySelector('p code')?.text).toBe('code');
  expect(page.querySelectorAll('ol > li').map(({ text }) => text)).toEqual(['one', 'two']);
  expect(page.querySelectorAll('th').map(({ text }) => text)).toEqual(['a', 'b']);
  expect(page.querySelector('td strong')?.text).toBe('d');
});

it.each([
  ['a script', '<script>alert(1)</script>'],
  ['a script within a paragraph', 'words <script>alert(1)</script> words'],
  ['an event handler', '<img src=x onerror=alert(1)>'],
  ['an element within a table', '| a |\n| --- |\n| <b onclick=alert(1)>x</b> |'],
  ['an element within a link', '[<svg onload=alert(1)>](https://acme.test)'],
  ['an image', '![x](https://acme.test/x.png)'],
  ['code with an element', '```html\n<script>alert(1)</script>\n```'],
])('inserts no element that is not ours: %s', (_, text) => {
  const page = parse(html(text));
  expect(page.querySelectorAll('script, img, svg, b, [onerror], [onclick], [onload]')).toEqual([]);
  expect(page.text).not.toBe('');
});

it('links only where the page allows it, and shows the words otherwise', () => {
  const hrefOf = (link: string) => (link.startsWith('https://') ? link : null);
  const page = parse(html('[good](https://acme.test) [bad](javascript:alert(1)) [file](x.md)', hrefOf));
  expect(page.querySelectorAll('a').map((link) => link.getAttribute('href'))).toEqual(['https://acme.test']);
  expect(page.text).toBe('good bad file');
});

it('gives a heading the id that GitHub gives it', () => {
  expect(headingId('Columns that hold GitHub’s data')).toBe('columns-that-hold-githubs-data');
  expect(headingId('Verify an export')).toBe('verify-an-export');
});
