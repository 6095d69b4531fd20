import type { Report } from './report';

/** How a bench ended. `broken` is what is wrong with it, or `null`. */
export interface Checked {
  broken: string | null;
  seconds: number;
}

/**
 * Tells whether a bench still measures what it should. Its figures themselves don't matter.
 *
 * @param figures the ids of targets, each of which needs a row or a column
 * @returns what is missing, or `null`
 */
export function brokenBench({ columns, rows }: Report, figures: readonly string[]): string | null {
  const names = [...columns, ...rows.map(([what = '']) => what)];
  const absent = figures.filter((id) => !names.some((name) => name.startsWith(`${id} `)));
  if (absent.length > 0) return `no figure for ${absent.join(', ')}`;
  // A figure without a value is written as NaN, or as Infinity after a division by 0.
  const without = rows.filter((row) => row.some((cell) => /NaN|Infinity/.test(cell)));
  return without.length === 0 ? null : `no value for ${without.map(([what = '']) => what).join(', ')}`;
}
