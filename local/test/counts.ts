/** Counts the tests in a runner's JSON report and describes the failed ones. */
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { benchReport, isUnloadable, type PlaywrightSuite, playwrightReport, vitestReport } from './reports';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** One text for each failure, with the test's name and its message. */
  failures: string[];
}

export const NOTHING: Counts = { passed: 0, failed: 0, skipped: 0, failures: [] };

export function add(a: Counts, b: Counts): Counts {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    failures: [...a.failures, ...b.failures],
  };
}

/** The number of lines kept from a failure's message, enough to find the cause without another run. */
const MESSAGE_LINES = 25;

function failure(name: string, messages: readonly string[]): string {
  const lines = stripVTControlCharacters(messages.join('\n')).split('\n').slice(0, MESSAGE_LINES);
  return [name, ...lines.map((line) => `    ${line.slice(0, 300)}`)].join('\n');
}

/** Counts a command as one test, which passes or fails as a whole. */
export function countCommand(name: string, ok: boolean, output: string): Counts {
  if (ok) return { ...NOTHING, passed: 1 };
  const end = output.trimEnd().split('\n').slice(-MESSAGE_LINES);
  return { ...NOTHING, failed: 1, failures: [failure(name, end)] };
}

/** Counts Vitest's tests. A file that could not be loaded counts as one failed test. */
export function countVitest(json: unknown): Counts {
  const report = vitestReport.parse(json);
  const unloadable = report.testResults.filter(isUnloadable);
  const failed = report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) =>
        failure(`${path.relative('.', name)}: ${fullName}`, failureMessages ?? []),
      ),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloadable.length,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: [
      ...failed,
      ...unloadable.map(({ name, message }) => failure(path.relative('.', name), [message])),
    ],
  };
}

/** Counts each bench as one test. */
export function countBenches(json: unknown): Counts {
  const benches = Object.entries(benchReport.parse(json));
  const failures = benches.flatMap(([name, { broken }]) =>
    broken === null ? [] : [failure(`bench ${name}`, [broken])],
  );
  return { ...NOTHING, passed: benches.length - failures.length, failed: failures.length, failures };
}

/** Counts Playwright's tests. A flaky test, which failed before it passed, counts as failed. */
export function countPlaywright(json: unknown): Counts {
  const { stats, suites, errors } = playwrightReport.parse(json);
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky + errors.length,
    skipped: stats.skipped,
    failures: [
      ...suites.flatMap(failedSpecs),
      ...errors.map(({ message }) => failure('playwright', [message ?? ''])),
    ],
  };
}

function failedSpecs(suite: PlaywrightSuite): string[] {
  const own = suite.specs.flatMap(({ title, file, tests }) =>
    tests
      .filter(({ status }) => status === 'unexpected' || status === 'flaky')
      .map(({ projectName, results }) =>
        failure(
          `[${projectName}] ${file}: ${title}`,
          results.flatMap(({ errors }) => errors.map(({ message }) => message ?? '')),
        ),
      ),
  );
  return [...own, ...(suite.suites ?? []).flatMap(failedSpecs)];
}
