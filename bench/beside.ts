/**
 * Measures two subjects alternately within one run and reports the ratio, because absolute figures vary on shared,
 * noisy machines.
 */
import { cpuTime } from './cpu-time';
import type { LoadResult, LoadTask } from './load';
import type { BenchProcess } from './process';
import { judge, median, quantile, type Report, spread, type Target } from './report';

/** A request to repeat, and the process that answers it. */
export interface Subject {
  request: Pick<LoadTask, 'url' | 'method' | 'headers' | 'body' | 'deliveries'>;
  pid: number;
}

export type Measured = LoadResult & {
  /**
   * The CPU time that the answering process used per response, in milliseconds; NaN if the system doesn't report it.
   */
  cpuMs: number;
};

export type Pair = { ours: Measured; beside: Measured };

/**
 * Measures one subject.
 *
 * @throws if any response isn't a success, because errors are cheaper to produce and would distort the figure
 */
export async function measure(
  load: BenchProcess,
  { request, pid }: Subject,
  how: Pick<LoadTask, 'connections' | 'seconds' | 'perSecond' | 'most'>,
): Promise<Measured> {
  const before = await cpuTime(pid);
  const result = (await load.ask({ ...request, ...how })) as LoadResult;
  const cpuMs = ((await cpuTime(pid)) - before) / result.latencies.length;
  if (Object.keys(result.statuses).some((status) => !status.startsWith('2')))
    throw new Error(`${request.url} answered ${JSON.stringify(result.statuses)}`);
  return { ...result, cpuMs };
}

/**
 * Measures all subjects in each round, and reverses their order in every second round, so other load on the machine
 * affects all equally.
 */
export async function inRounds<Found extends Record<string, unknown>>(
  rounds: number,
  say: (line: string) => void,
  subjects: { [Name in keyof Found]: () => Promise<Found[Name]> },
): Promise<Found[]> {
  const found: Found[] = [];
  const names: (keyof Found)[] = Object.keys(subjects);
  for (let round = 0; round < rounds; round += 1) {
    const results: Partial<Found> = {};
    for (const name of round % 2 === 0 ? names : names.toReversed()) results[name] = await subjects[name]();
    found.push(results as Found);
    say(`  round ${round + 1} of ${rounds}`);
  }
  return found;
}

export const perSecond = (value: number): string => `${value.toFixed(0)}/s`;
export const ms = (value: number): string => `${value.toFixed(1)} ms`;
export const times = (value: number): string => `${value.toFixed(2)}×`;

export const throughputs = (pairs: Pair[]): number[] =>
  pairs.map(({ ours, beside }) => ours.perSecond / beside.perSecond);
export const latencies = (pairs: Pair[], part: number): number[] =>
  pairs.map(({ ours, beside }) => quantile(ours.latencies, part) / quantile(beside.latencies, part));
export const cpuRatios = (pairs: Pair[]): number[] =>
  pairs.map(({ ours, beside }) => ours.cpuMs / beside.cpuMs);

const middle = (pairs: Pair[], side: keyof Pair, of: (one: Measured) => number): number =>
  median(pairs.map((pair) => of(pair[side])));
export const rates = (pairs: Pair[]): string =>
  `${perSecond(middle(pairs, 'ours', (one) => one.perSecond))} beside ${perSecond(middle(pairs, 'beside', (one) => one.perSecond))}`;
export const cpu = (pairs: Pair[]): string =>
  `${ms(middle(pairs, 'ours', (one) => one.cpuMs))} beside ${ms(middle(pairs, 'beside', (one) => one.cpuMs))}`;
/** Formats a quantile of each subject's latencies over all rounds. */
export const latencyAt = (pairs: Pair[], part: number): string => {
  const of = (side: keyof Pair) =>
    quantile(
      pairs.flatMap((pair) => pair[side].latencies),
      part,
    );
  return `${ms(of('ours'))} beside ${ms(of('beside'))}`;
};

export interface Ratio {
  what: string;
  ratios: number[];
  absolute: string;
  /** The target. If omitted, the figure is printed but not judged. */
  reach?: Target;
  /** The same ratio for the parts of the work alone, one value per round of the same run. Notes say which parts. */
  floor?: number[];
}

/** The table has a column `floor` if any figure has a floor. */
export function ratioReport(figures: Ratio[], notes: string[]): Report {
  const missed: string[] = [];
  const hasFloors = figures.some(({ floor }) => floor !== undefined);
  const rows = figures.map(({ what, ratios, absolute, reach, floor }) => {
    const judged = reach && judge(what, ratios, reach, times, floor);
    if (judged?.missed !== undefined) missed.push(judged.missed);
    return [
      what,
      times(median(ratios)),
      spread(ratios, times),
      judged?.target ?? '',
      ...(hasFloors ? [judged?.floor ?? ''] : []),
      absolute,
      judged?.reached ?? '',
    ];
  });
  const columns = [
    'figure',
    'ratio, median',
    'spread',
    'reach',
    ...(hasFloors ? ['floor'] : []),
    'absolute',
    'reached',
  ];
  return { columns, rows, missed, notes };
}
