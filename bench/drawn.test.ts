import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { drawPictures, headlines, withHeadlines } from './drawn';
import { sectionText } from './results';

const RESULTS = readFileSync('bench/results.md', 'utf8');

/** After a change of the results, `npm run bench -- --draw` draws all of this anew. */
describe('drawn from bench/results.md', () => {
  it('the README’s figures are those of the results', () => {
    const readme = readFileSync('README.md', 'utf8');
    expect(withHeadlines(readme, RESULTS)).toBe(readme);
  });

  it.each(Object.entries(drawPictures(RESULTS)))('the picture %s shows the results', (file, picture) => {
    expect(readFileSync(file, 'utf8')).toBe(picture);
  });

  it('the README shows every picture with a text for those who cannot see it', () => {
    const readme = readFileSync('README.md', 'utf8');
    for (const file of Object.keys(drawPictures(RESULTS)))
      expect(readme).toMatch(new RegExp(`<img src="${file}"[^>]* alt="[^"]{20,}"`));
  });
});

const section = (name: string, rows: string[][], series: { x: number; y: number }[] = []) =>
  `<!-- ${name} -->\n${sectionText(
    'Title',
    'conditions',
    {
      columns: ['figure', 'ratio, median', 'spread', 'reach', 'absolute', 'reached'],
      rows,
      missed: [],
      series: series.length === 0 ? [] : [{ name: 'a page', unit: 'ms', points: series }],
    },
    'events',
  )}`;

const P1 = ['P1 a mint, median latency', '1.08×', '', '≤ 1.10×', '109.3 ms beside 101.3 ms', 'yes'];

it('quotes the worst of several rows, with its target', () => {
  const rows = [
    ['P4 deliveries, processor time', '1.71×', '', '≤ 2.00×', '', 'yes'],
    ['P4 uninstalls, processor time', '4.47×', '', '≤ 2.00×', '', '**no**'],
  ];
  const text = headlines(section('webhooks', rows));
  expect(text).toMatch(/4\.47× +\| ≤ 2\.00× +\| \*\*no\*\*/);
  expect(text).not.toContain('1.71×');
});

it('draws the latencies of a mint and of the bare call', () => {
  const picture = drawPictures(section('mint', [P1]))['bench/latency.svg'];
  expect(picture).toContain('minted here, with every control: 109.3 ms');
  expect(picture).toContain('the bare call, answered after 100 ms: 101.3 ms');
});

it('draws a series as it stands in the results, with its axis', () => {
  const points = [
    { x: 5_000, y: 4.123 },
    { x: 5_000_000, y: 8 },
  ];
  const picture = drawPictures(section('audit', [['S2 one mint', '1.0×']], points))['bench/log-growth.svg'];
  expect(picture).toContain('a page: 4.12 ms at 5000, 8 ms at 5000000');
  for (const label of ['>5k<', '>5M<', '>events<', '>ms<']) expect(picture).toContain(label);
});

it('says in a picture that its bench has not run yet', () => {
  const pictures = Object.values(drawPictures(''));
  expect(pictures.filter((picture) => picture.includes('Not measured yet'))).toHaveLength(2);
});
