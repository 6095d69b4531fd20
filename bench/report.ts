/** What a bench found, and how it is written down. */

export interface Report {
  /** Column heads; the last one says whether the target was reached. */
  columns: string[];
  rows: string[][];
  /** Each target that was not reached, in words. Empty: all of them were. */
  missed: string[];
  /** What a reader has to know to judge the figures. */
  notes?: string[];
}

export interface BenchOptions {
  /** Fewer rounds and smaller data: shows that everything runs, and proves little. */
  quick: boolean;
  /** One line on what is being done. */
  say(line: string): void;
}

export type Bench = (options: BenchOptions) => Promise<Report>;

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Of the values as they are, without interpolation between two of them, except for the middle of an even count. */
export function quantile(values: readonly number[], part: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const at = part * (sorted.length - 1);
  if (part !== 0.5) return sorted[Math.ceil(at)] ?? Number.NaN;
  return ((sorted[Math.floor(at)] ?? Number.NaN) + (sorted[Math.ceil(at)] ?? Number.NaN)) / 2;
}

/** Least to greatest, as `write` puts them. */
export function spread(values: readonly number[], write: (value: number) => string): string {
  return `${write(Math.min(...values))}–${write(Math.max(...values))}`;
}

/** A table in Markdown, whose columns are aligned for a terminal too. */
export function table({ columns, rows }: Pick<Report, 'columns' | 'rows'>): string {
  const widths = columns.map((head, at) => Math.max(head.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: string[]): string =>
    `| ${widths.map((width, at) => (cells[at] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(columns), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
