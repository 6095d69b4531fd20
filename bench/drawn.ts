/**
 * Draws what readers see first from bench/results.md: two pictures, and the headline figures in the README. Nothing here
 * is measured, so a picture or a figure can't differ from the results.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { table } from './report';
import { RESULTS, readSections, readSeries, readTables } from './results';
import { drawBars, drawLines, drawNothing } from './svg';

const README = 'README.md';
const BEGIN = '<!-- figures: from bench/results.md, by npm run bench -- --draw -->';
const END = '<!-- end of figures -->';

type Cells = Record<string, string>;

/** Returns the rows of a bench's main table, by the names of its columns. */
function rowsOf(results: string, bench: string): Cells[] {
  const [main] = readTables(readSections(results).get(bench) ?? '');
  if (main === undefined) return [];
  return main.rows.map((row) =>
    Object.fromEntries(main.columns.map((column, at) => [at === 0 ? 'what' : column, row[at] ?? ''])),
  );
}

/** Returns the drawn files by their paths. */
export function drawPictures(results: string): Record<string, string> {
  return { 'bench/latency.svg': drawLatency(results), 'bench/log-growth.svg': drawLogGrowth(results) };
}

function drawLatency(results: string): string {
  const title = 'A mint beside the bare call to GitHub';
  const groups = [
    { name: 'median', row: /^P1 .*median/ },
    { name: '99th percentile', row: /^P1 .*p99/ },
  ].flatMap(({ name, row }) => {
    const absolute = rowsOf(results, 'mint').find(({ what = '' }) => row.test(what))?.absolute ?? '';
    const [, ours, bare] = /^([\d.]+) ms beside ([\d.]+) ms/.exec(absolute) ?? [];
    if (ours === undefined || bare === undefined) return [];
    return [
      {
        name,
        bars: [
          { label: 'minted here, with every control', value: Number(ours), role: 'ours' as const },
          { label: 'the bare call, answered after 100 ms', value: Number(bare), role: 'other' as const },
        ],
      },
    ];
  });
  if (groups.length === 0) return drawNothing(title, notMeasured('mint'));
  const description = groups
    .map(
      ({ name, bars }) =>
        `${name}: ${bars.map(({ label, value }) => `${label} takes ${value} ms`).join(', ')}`,
    )
    .join('. ');
  return drawBars({ title, description, unit: 'ms', groups });
}

function drawLogGrowth(results: string): string {
  const title = 'What a page and a mint cost as the log grows';
  const tables = readTables(readSections(results).get('audit') ?? '');
  const series = tables.slice(1).flatMap(readSeries);
  const [first] = series;
  if (first === undefined) return drawNothing(title, notMeasured('audit'));
  const shown = series.filter(({ unit }) => unit === first.unit).slice(0, 2);
  const description = shown
    .map(
      ({ name, unit, points }) => `${name}: ${points.map(({ x, y }) => `${y} ${unit} at ${x}`).join(', ')}`,
    )
    .join('. ');
  const xLabel = tables[1]?.columns[0] ?? '';
  return drawLines({ title, description, xLabel, unit: first.unit, series: shown });
}

const notMeasured = (bench: string): string => `Not measured yet: npm run bench -- --only ${bench}`;

/** The rows to quote in the README. If a pattern matches several, the worst is quoted. */
const HEADLINES = [
  {
    what: 'a mint beside the bare call to GitHub, which answers after 100 ms: median',
    bench: 'mint',
    row: /^P1 .*median/,
  },
  { what: 'the same, 99th percentile', bench: 'mint', row: /^P1 .*p99/ },
  {
    what: 'processor time of a mint beside a bare `@octokit/app` server without any control',
    bench: 'mint',
    row: /^P2 (?!.*narrowed).*processor/,
  },
  {
    what: 'processor time of a webhook delivery beside an empty route',
    bench: 'webhooks',
    row: /^P4 .*processor/,
  },
  { what: 'sync of 10,000 repositories beside fetching their pages', bench: 'repositories', row: /^P5 / },
  { what: 'database time of a sync without changes beside the first', bench: 'repositories', row: /^P6 / },
  {
    what: 'the slowest of 1,000 workspaces that mint at the same time beside the median',
    bench: 'scale',
    row: /^S5 .*slowest/,
  },
  {
    what: 'a page of the audit log at 5 million events beside 5,000, the slowest filter',
    bench: 'audit',
    row: /^S1 /,
  },
  { what: 'an audited mint at 5 million events beside 5,000', bench: 'audit', row: /^S2 / },
  { what: 'events verified in a second', bench: 'audit', row: /^S4 verification/ },
  { what: 'largest paint beside an empty page, the slowest page', bench: 'pages', row: /./ },
  { what: 'server start beside an empty Next app’s', bench: 'start', row: /^U3 .*ready/ },
] as const;

/** Returns the README's table of figures. A figure that isn't in the results is left out. */
export function headlines(results: string): string {
  const rows = HEADLINES.flatMap(({ what, bench, row }) => {
    const [worst] = rowsOf(results, bench)
      .filter((cells) => row.test(cells.what ?? ''))
      .map((cells) => ({ cells, found: foundIn(cells) }))
      .filter(({ found }) => found !== undefined)
      .sort((a, b) => Number.parseFloat(b.found ?? '') - Number.parseFloat(a.found ?? ''));
    if (worst?.found === undefined) return [];
    const { reach = '', reached = '' } = worst.cells;
    return [[what, worst.found, reach, reached, `\`npm run bench -- --only ${bench}\``]];
  });
  return table({ columns: ['figure', 'found', 'reach', 'reached', 'measured by'], rows });
}

const foundIn = (cells: Cells): string | undefined =>
  cells['ratio, median'] ?? cells.found ?? cells['U2 LCP, ratio, median'];

/** Puts the figures between their two marks in the README. */
export function withHeadlines(readme: string, results: string): string {
  const [before, rest] = readme.split(BEGIN);
  const [, after] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined) throw new Error(`${README} lacks ${BEGIN} or ${END}`);
  return `${before}${BEGIN}\n\n${headlines(results)}\n\n${END}${after}`;
}

/** Writes the pictures and the README's figures. */
export async function drawAll(): Promise<void> {
  const results = await readFile(RESULTS, 'utf8');
  for (const [file, picture] of Object.entries(drawPictures(results))) await writeFile(file, picture);
  await writeFile(README, withHeadlines(await readFile(README, 'utf8'), results));
}
