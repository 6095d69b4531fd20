/** The result of a bench, and how it's printed. */

export interface Report {
  /** The column headings. The last column says whether the target was reached. */
  columns: string[];
  rows: string[][];
  /** A human-readable line for each missed target. */
  missed: string[];
  /** Facts that help to judge the figures. */
  notes?: string[];
  /** Lines for a picture. */
  series?: Series[];
}

/** A line in a picture: how the cost `y` of one thing changes with `x`. */
export interface Series {
  name: string;
  /** The unit of `y`. */
  unit: string;
  points: { x: number; y: number }[];
}

export type Target = { most: number } | { least: number };

/** A figure may miss its target, but then it must not cost more than this many times its floor. */
const MOST_OVER_FLOOR = 1.15;

/**
 * Compares a figure's median with its target. A figure that misses its target still counts as reached if it is within
 * 15 % of its floor.
 *
 * @param floor the same figure for the work's parts alone, without the code that is measured; from the same run
 * @returns the table's cells, and for a missed target the line for `Report.missed`
 */
export function judge(
  what: string,
  values: readonly number[],
  reach: Target,
  write: (value: number) => string,
  floor?: readonly number[],
): { target: string; floor: string; reached: string; missed?: string } {
  const found = median(values);
  const isWithin = (limit: number) => ('most' in reach ? found <= limit : found >= limit);
  const [limit, sign] = 'most' in reach ? [reach.most, '≤'] : [reach.least, '≥'];
  const target = `${sign} ${write(limit)}`;
  const cells = { target, floor: floor === undefined ? '' : write(median(floor)) };
  if (isWithin(limit)) return { ...cells, reached: 'yes' };
  const least = floor === undefined ? Number.NaN : median(floor);
  if (isWithin('most' in reach ? least * MOST_OVER_FLOOR : least / MOST_OVER_FLOOR))
    return { ...cells, reached: 'at its floor' };
  const besideFloor = floor === undefined ? '' : `, and its floor ${write(least)}`;
  return {
    ...cells,
    reached: '**no**',
    missed: `${what}: ${write(found)}, reach is ${target}${besideFloor}`,
  };
}

export interface BenchOptions {
  /** Runs fewer rounds with less data, which is enough to show that everything works, but says little about speed. */
  quick: boolean;
  /**
   * Runs as few rounds with as little data as a bench can work with. Nobody reads such figures. Set only if `quick` is.
   */
  check: boolean;
  /** Prints a progress line. */
  say(line: string): void;
}

export type Bench = (options: BenchOptions) => Promise<Report>;

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/**
 * Returns a quantile of the values. This is always one of the values, except that the median of an even number of
 * values is interpolated.
 */
export function quantile(values: readonly number[], part: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const at = part * (sorted.length - 1);
  if (part !== 0.5) return sorted[Math.ceil(at)] ?? Number.NaN;
  return ((sorted[Math.floor(at)] ?? Number.NaN) + (sorted[Math.ceil(at)] ?? Number.NaN)) / 2;
}

/** Formats the range from the smallest to the largest value, each written by `write`. */
export function spread(values: readonly number[], write: (value: number) => string): string {
  return `${write(Math.min(...values))}–${write(Math.max(...values))}`;
}

/** Returns a Markdown table with padded columns, so it's readable in a terminal too. */
export function table({ columns, rows }: Pick<Report, 'columns' | 'rows'>): string {
  const widths = columns.map((head, at) => Math.max(head.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: string[]): string =>
    `| ${widths.map((width, at) => (cells[at] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(columns), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
