/** Reads from the runners' JSON reports how long each test file, or each bench, took. */
import path from 'node:path';
import { benchReport, type PlaywrightSuite, playwrightReport, vitestReport } from './reports';

/** Seconds by the name of a file or a bench. */
type Durations = [name: string, seconds: number][];

/** Vitest runs several files in parallel, so these add up to more than the whole run. */
export function durationsOfVitest(json: unknown): Durations {
  return vitestReport
    .parse(json)
    .testResults.map(({ name, startTime = 0, endTime = startTime }) => [
      path.relative('.', name),
      (endTime - startTime) / 1000,
    ]);
}

export function durationsOfPlaywright(json: unknown): Durations {
  return playwrightReport.parse(json).suites.map((suite) => [suite.title, millisecondsOf(suite) / 1000]);
}

function millisecondsOf({ specs, suites = [] }: PlaywrightSuite): number {
  const results = specs.flatMap(({ tests }) => tests.flatMap((test) => test.results));
  const own = results.reduce((sum, { duration = 0 }) => sum + duration, 0);
  return suites.reduce((sum, suite) => sum + millisecondsOf(suite), own);
}

export function durationsOfBenches(json: unknown): Durations {
  return Object.entries(benchReport.parse(json)).map(([name, { seconds }]) => [name, seconds]);
}

/** Names those that took longest, each with its seconds. */
export function describeSlowest(durations: Durations, most: number): string {
  return durations
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, most)
    .map(([name, seconds]) => `${name} ${seconds.toFixed(1)} s`)
    .join(', ');
}
