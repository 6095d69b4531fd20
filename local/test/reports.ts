/** Reads the JSON reports of Vitest, Playwright and the benches. */
import path from 'node:path';
import { z } from 'zod';

export const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string(),
      /** Milliseconds since the epoch. */
      startTime: z.number().optional(),
      endTime: z.number().optional(),
      assertionResults: z.array(
        z.object({
          ancestorTitles: z.array(z.string()),
          title: z.string(),
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

const said = z.object({ message: z.string().optional() });
const playwrightSuite = z.object({
  title: z.string(),
  specs: z.array(
    z.object({
      title: z.string(),
      file: z.string(),
      tests: z.array(
        z.object({
          projectName: z.string(),
          status: z.string(),
          annotations: z.array(z.object({ type: z.string(), description: z.string().optional() })).optional(),
          results: z.array(z.object({ duration: z.number().optional(), errors: z.array(said) })),
        }),
      ),
    }),
  ),
  get suites() {
    return z.array(playwrightSuite).optional();
  },
});
export type PlaywrightSuite = z.infer<typeof playwrightSuite>;
export const playwrightReport = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
  suites: z.array(playwrightSuite),
  errors: z.array(said),
});

/** Each bench with what broke in it, or `null`. `npm run bench -- --check` writes this. */
export const benchReport = z.record(
  z.string(),
  z.object({ broken: z.string().nullable(), seconds: z.number() }),
);

/** A test in a report. */
export interface ReportedTest {
  /** The file's path from the root of the checkout. */
  file: string;
  /** The titles of its groups, from the outermost to the innermost, and its own at the end. */
  titles: string[];
  status: 'passed' | 'failed' | 'skipped';
  messages: string[];
  /** The reason that a skipped test states. `undefined` if it states none, or was left out by a filter. */
  skippedBecause?: string | undefined;
}

/** A report's tests, and the errors that kept others from running. */
export interface TestReport {
  tests: ReportedTest[];
  errors: string[];
}

/** @param root the folder in which Vitest ran */
export function readVitest(json: unknown, root = process.cwd()): TestReport {
  const { testResults } = vitestReport.parse(json);
  const tests = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ ancestorTitles, title, status, failureMessages }): ReportedTest => {
      const titles = [...ancestorTitles.filter((each) => each !== ''), title];
      const skipped = status !== 'passed' && status !== 'failed';
      return {
        file: path.relative(root, name).split(path.sep).join('/'),
        titles,
        status: skipped ? 'skipped' : status,
        messages: failureMessages ?? [],
        skippedBecause: skipped ? reasonIn(titles) : undefined,
      };
    }),
  );
  return { tests, errors: testResults.filter(isUnloadable).map(({ message }) => message) };
}

/** Vitest's report has no reasons, so our tests write theirs into a title: `a real Redis (skipped: …)`. */
function reasonIn(titles: readonly string[]): string | undefined {
  return /\(skipped:? ([^)]+)\)/.exec(titles.join('\n'))?.[1];
}

/** True for a file that could not be loaded, so none of its tests ran. */
export function isUnloadable({
  status,
  assertionResults,
}: z.infer<typeof vitestReport>['testResults'][number]): boolean {
  return status === 'failed' && assertionResults.length === 0;
}

/** The folder that Playwright's paths start from. */
const BROWSER_TESTS = 'e2e';

export function readPlaywright(json: unknown): TestReport {
  const { suites, errors } = playwrightReport.parse(json);
  return {
    // The outermost suites are files, so their titles are no titles of groups.
    tests: suites.flatMap((suite) => testsOfSuite(suite, [])),
    errors: errors.map(({ message }) => message ?? ''),
  };
}

function testsOfSuite({ specs, suites = [] }: PlaywrightSuite, groups: string[]): ReportedTest[] {
  const own = specs.flatMap(({ title, file, tests }) =>
    tests.map(
      ({ status, annotations = [], results }): ReportedTest => ({
        file: `${BROWSER_TESTS}/${file}`,
        titles: [...groups, title],
        status: STATUS_OF_PLAYWRIGHT[status] ?? 'failed',
        messages: results.flatMap(({ errors }) => errors.map(({ message }) => message ?? '')),
        skippedBecause:
          status === 'skipped' ? annotations.find(({ type }) => type === 'skip')?.description : undefined,
      }),
    ),
  );
  return [...own, ...suites.flatMap((suite) => testsOfSuite(suite, [...groups, suite.title]))];
}

/** A test with any other status failed at least once. */
const STATUS_OF_PLAYWRIGHT: Record<string, ReportedTest['status']> = {
  expected: 'passed',
  skipped: 'skipped',
};
