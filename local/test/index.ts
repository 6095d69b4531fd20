/**
 * `npm test` runs every check. It continues after a failure, so one run shows all failures. The last line is `N passed,
 * N failed`.
 */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readClaims } from '../claims/documented';
import { testsNotRun } from '../claims/ran';
import { ensureBrowser } from '../clients/browser';
import { prepareRemains } from '../remains/prepare';
import { searchRemains } from '../remains/search';
import { installDebianPrograms } from '../services/debian-programs';
import {
  add,
  type Counts,
  countBenches,
  countCommand,
  countPlaywright,
  countVitest,
  NOTHING,
} from './counts';
import { describeSlowest, durationsOfBenches, durationsOfPlaywright, durationsOfVitest } from './durations';
import { DATABASE_TESTS, ensureOtherNode, type OtherNode } from './other-node';
import { type ReportedTest, readPlaywright, readVitest, type TestReport } from './reports';
import { run, showProgress } from './run';

const NEXT = 'node_modules/next/dist/bin/next';

async function main(): Promise<void> {
  const home = await mkdtemp(path.join(tmpdir(), 'pulsestream-test-'));
  const { remains, temporary } = await prepareRemains(home);
  const reports = path.join(home, 'reports');
  await mkdir(reports);
  let total = NOTHING;
  const count = (counts: Counts): void => {
    total = add(total, counts);
  };
  const stopProgress = showProgress();
  try {
    installDebianPrograms();
    const other = ensureOtherNode();
    // Run these in parallel. Browser tests spend much time waiting, and a type check uses one core, so both leave
    // processor time for the unit and database tests.
    await Promise.all([unitAndDatabaseTests(reports, other, count), buildAndBrowserTests(reports, count)]);
    count(testsOfClaims());
    count(await search(remains, temporary));
  } finally {
    stopProgress();
    await rm(home, { recursive: true, force: true });
  }
  process.exitCode = total.failed === 0 ? 0 : 1;
  const skipped = total.skipped === 0 ? '' : `, ${total.skipped} skipped`;
  // Print the result last and in one piece, so reading the end of a log is enough.
  for (const text of total.failures) process.stdout.write(`\nfailed: ${text}\n`);
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed${skipped}\n`);
}

type Count = (counts: Counts) => void;

/** Runs the checks that only read the sources and the types that Next generates from them. */
async function staticChecks(count: Count): Promise<void> {
  const [, counts] = await Promise.all([
    step('route types', NEXT, 'typegen').then(async (generated) => {
      count(generated);
      count(await step('types', 'node_modules/typescript/bin/tsc', '--noEmit'));
      count(await step('types of the client', 'node_modules/typescript/bin/tsc', '--noEmit', '-p', 'client'));
    }),
    Promise.all([
      step('lint', 'node_modules/@biomejs/biome/bin/biome', 'check', '.'),
      step('import directions', '--import', 'tsx', 'local/lint/import-directions.ts'),
      step('wording', '--import', 'tsx', 'local/lint/voice.ts'),
      step('words of pages', '--import', 'tsx', 'local/lint/page-words.ts'),
      step('dead code', 'node_modules/knip/bin/knip.js', '--no-progress'),
    ]),
  ]);
  for (const each of counts) count(each);
}

async function unitAndDatabaseTests(reports: string, other: OtherNode, count: Count): Promise<void> {
  count(await vitest('unit and database tests', reports));
  count(await step('reading paths', '--import', 'tsx', 'local/lint/reading-paths.ts'));
  await onOtherNode(reports, other, count);
}

/**
 * Builds first, because the browser tests take longest and wait for it. The static checks come after it, because it
 * writes to a folder that the type check reads.
 */
async function buildAndBrowserTests(reports: string, count: Count): Promise<void> {
  count(await step('production build', '--import', 'tsx', 'local/app/build-command.ts'));
  const [counts] = await Promise.all([browserTests(reports), staticChecks(count)]);
  count(counts);
}

async function search(remains: string, temporary: string): Promise<Counts> {
  const complaints = await searchRemains(remains, temporary);
  return countCommand(
    'no token, key or secret was left behind',
    complaints.length === 0,
    complaints.join('\n'),
  );
}

/** Every test that the suites have reported so far. */
const reported: ReportedTest[] = [];

function testsOfClaims(): Counts {
  const { missing, skipped } = testsNotRun(readClaims(), reported);
  for (const line of skipped) console.log(`── the test of a claim did not run here: ${line}`);
  return countCommand('the tests of every claim ran', missing.length === 0, missing.join('\n'));
}

async function step(name: string, script: string, ...args: string[]): Promise<Counts> {
  const { ok, output } = await run(name, [script, ...args]);
  return countCommand(name, ok, output);
}

async function vitest(
  name: string,
  reports: string,
  { node = process.execPath, args = [] }: { node?: string; args?: readonly string[] } = {},
): Promise<Counts> {
  const file = name.replaceAll(' ', '-');
  const report = path.join(reports, `${file}.json`);
  const env = { VITEST_LOG: `test-results/${file}.log` };
  const reporters = ['dot', 'json', './local/test/log-file.ts'].map((reporter) => `--reporter=${reporter}`);
  const { ok } = await run(
    name,
    ['node_modules/vitest/vitest.mjs', 'run', ...args, ...reporters, `--outputFile.json=${report}`],
    { node, env },
  );
  return suite(name, ok, report, {
    countIn: countVitest,
    readIn: readVitest,
    durationsIn: durationsOfVitest,
  });
}

async function onOtherNode(reports: string, other: OtherNode, count: Count): Promise<void> {
  const name = `tests on Node ${other.version}`;
  if ('missing' in other) {
    console.log(`── ${name}: skipped, ${other.missing}`);
    count({ ...NOTHING, skipped: 1 });
    return;
  }
  const on = (kind: string, ...args: string[]): Promise<Counts> =>
    vitest(`${kind} ${name}`, reports, { node: other.executable, args });
  count(await on('unit', '--project=unit', '--project=process'));
  count(await on('database', '--project=db', ...DATABASE_TESTS));
}

/**
 * Four runs in parallel, each with its own services and app. Within a run, tests run one after another, because they
 * share one offline GitHub and some tests break its state on purpose. Tests spend much time waiting, so four runs keep
 * only two cores busy. The tests are distributed so that the first three take about equally long. The benches follow the
 * last, which is the shortest.
 */
const BROWSER_RUNS = [['server'], ['walk', 'mobile'], ['desktop'], ['image']];

async function browserTests(reports: string): Promise<Counts> {
  try {
    const { executablePath } = await ensureBrowser({ shell: true });
    const counts = await Promise.all(
      BROWSER_RUNS.map(async (projects) => {
        const own = await playwright(reports, projects, executablePath);
        return projects.includes('image') ? add(own, await benches(reports, executablePath)) : own;
      }),
    );
    return counts.reduce(add, NOTHING);
  } catch (error) {
    return countCommand('browser tests', false, error instanceof Error ? error.message : String(error));
  }
}

async function playwright(reports: string, projects: string[], executablePath: string): Promise<Counts> {
  const name = `browser tests (${projects.join(', ')})`;
  const report = path.join(reports, `playwright-${projects.join('-')}.json`);
  const output = `test-results/${projects.join('-')}`;
  await mkdir(output, { recursive: true });
  const args = ['test', ...projects.map((project) => `--project=${project}`), `--output=${output}`];
  const env = { PLAYWRIGHT_CHROMIUM: executablePath, PLAYWRIGHT_JSON_OUTPUT_NAME: report };
  const { ok } = await run(name, ['node_modules/@playwright/test/cli.js', ...args], { env });
  return suite(name, ok, report, {
    countIn: countPlaywright,
    readIn: readPlaywright,
    durationsIn: durationsOfPlaywright,
  });
}

/** The least pass of every bench, on the same build. It follows the shortest of the browser runs, and judges no figure. */
async function benches(reports: string, executablePath: string): Promise<Counts> {
  const report = path.join(reports, 'benches.json');
  const args = ['--import', 'tsx', 'bench/index.ts', '--check', report];
  const { ok } = await run('benches, a quick pass', args, { env: { PLAYWRIGHT_CHROMIUM: executablePath } });
  return suite('benches', ok, report, {
    countIn: countBenches,
    readIn: () => ({ tests: [], errors: [] }),
    durationsIn: durationsOfBenches,
  });
}

type Reader = {
  countIn: (json: unknown) => Counts;
  readIn: (json: unknown) => TestReport;
  durationsIn: typeof durationsOfVitest;
};

/** The files or benches to name with the time that they took. */
const SLOWEST = 8;

/** Counts the tests of a suite. A suite that crashed, left no report or ran no test counts as failed. */
async function suite(
  name: string,
  ok: boolean,
  report: string,
  { countIn, readIn, durationsIn }: Reader,
): Promise<Counts> {
  const text = await readFile(report, 'utf8').catch(() => undefined);
  const json: unknown = text === undefined ? undefined : JSON.parse(text);
  const counts = json === undefined ? NOTHING : countIn(json);
  if (json !== undefined) {
    reported.push(...readIn(json).tests);
    console.log(`   slowest of ${name}: ${describeSlowest(durationsIn(json), SLOWEST)}`);
  }
  const ran = counts.passed + counts.failed > 0;
  if (ran && (ok || counts.failed > 0)) return counts;
  return add(counts, countCommand(name, false, ran ? 'failed although every test passed' : 'ran no test'));
}

await main();
