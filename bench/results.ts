/** Reads and writes bench/results.md, which has a section for each bench. */
import { readFile, writeFile } from 'node:fs/promises';
import { type Report, type Series, table } from './report';

export const RESULTS = 'bench/results.md';
const HEAD = '# Results of `npm run bench`\n';

export interface Table {
  columns: string[];
  rows: string[][];
}

/** Returns the text of each section by the name of its bench. */
export function readSections(text: string): Map<string, string> {
  return new Map(
    text
      .split(/^<!-- (?=[a-z]+ -->)/m)
      .slice(1)
      .map((part) => {
        const [key = '', ...rest] = part.split(' -->\n');
        return [key, rest.join(' -->\n')];
      }),
  );
}

/** Returns the tables of a section, in their order. */
export function readTables(section: string): Table[] {
  const blocks = section.match(/(?:^\|.*\|$\n?)+/gm) ?? [];
  return blocks.map((block) => {
    const [columns = [], , ...rows] = block.trimEnd().split('\n').map(cellsOf);
    return { columns, rows };
  });
}

const cellsOf = (line: string): string[] =>
  line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());

/** Returns the series of a report as a table, with one row for each `x`. */
export function seriesTable(series: readonly Series[], x: string): string {
  const all = [...new Set(series.flatMap(({ points }) => points.map((point) => point.x)))].sort(
    (a, b) => a - b,
  );
  return table({
    columns: [x, ...series.map(({ name, unit }) => `${name}, ${unit}`)],
    rows: all.map((each) => [
      String(each),
      ...series.map(({ points }) => points.find((point) => point.x === each)?.y.toFixed(2) ?? ''),
    ]),
  });
}

/** Reads the series back from their table. */
export function readSeries({ columns, rows }: Table): Series[] {
  return columns.slice(1).map((column, index) => {
    const at = column.lastIndexOf(', ');
    return {
      name: column.slice(0, at),
      unit: column.slice(at + 2),
      points: rows.flatMap((row) => {
        const [x = '', y = ''] = [row[0], row[index + 1]];
        return y === '' ? [] : [{ x: Number(x), y: Number(y) }];
      }),
    };
  });
}

/** Replaces this bench's section in the results file. Keeps the other sections, which may come from earlier runs. */
export async function keepSection(name: string, text: string, order: readonly string[]): Promise<void> {
  const sections = readSections(await readFile(RESULTS, 'utf8').catch(() => HEAD));
  sections.set(name, text);
  const ordered = order.flatMap((key) => {
    const kept = sections.get(key);
    return kept === undefined ? [] : [`<!-- ${key} -->\n${kept.trimEnd()}`];
  });
  await writeFile(RESULTS, `${[HEAD.trimEnd(), ...ordered].join('\n\n')}\n`);
}

/** Returns the text of a report, which is printed and may be kept. */
export function sectionText(
  title: string,
  conditions: string,
  { columns, rows, notes = [], missed, series = [] }: Report,
  x: string,
): string {
  return [
    `## ${title}`,
    '',
    conditions,
    '',
    table({ columns, rows }),
    '',
    ...(series.length === 0 ? [] : [seriesTable(series, x), '']),
    ...notes.map((note) => `- ${note}`),
    ...missed.map((what) => `- **missed**: ${what}`),
    '',
  ].join('\n');
}
