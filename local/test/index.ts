/**
 * `npm test`: everything, in the order in which a mistake is cheapest to find. Goes on after a failure, so that
 * one run shows all of them, and closes with one line: `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ensureBrowser } from '../clients/browser';
import { endWithParent } from '../process/end-with-parent';
import { keepRemains } from '../remains/keep';
import { searchRemains } from '../remains/search';
import { installDebianPrograms } from '../services/debian-programs';
import { add, type Counts, countCommand, countPlaywright, countVitest, NOTHING } from './counts';
import { ensureOtherNode } from './other-node';

const NEXT = 'node_modules/next/dist/bin/next';

async function main(): Promise<void> {
  const home = await mkdtemp(path.join(tmpdir(), 'pulsestream-test-'));
  const [reports, remains, temporary] = await makeFolders(home);
  let total = NOTHING;
  const count = (counts: Counts): void => {
    total = add(total, counts);
  };
  try {
    count(await step('lint', 'node_modules/@biomejs/biome/bin/biome', 'check', '.'));
    count(await step('import directions', '--import', 'tsx', 'local/import-directions.ts'));
    count(await step('route types', NEXT, 'typegen'));
    count(await step('dead code', 'node_modules/knip/bin/knip.js', '--no-progress'));
    count(await step('types', 'node_modules/typescript/bin/tsc', '--noEmit'));
    installDebianPrograms();
    count(await step('reading paths', '--import', 'tsx', 'local/reading-paths.ts'));
    count(await vitest('unit and database tests', path.join(reports, 'vitest.json')));
    count(await onOtherNode(path.join(reports, 'vitest-other-node.json')));
    count(await step('production build', '--import', 'tsx', 'local/app/build-command.ts'));
    count(await browserTests(reports));
    count(await search(remains, temporary));
  } finally {
    await rm(home, { recursive: true, force: true });
  }
  process.exitCode = total.failed === 0 ? 0 : 1;
  const skipped = total.skipped === 0 ? '' : `, ${total.skipped} skipped`;
  // Written last and whole, after everything that the suites have printed: the end of a log has to be enough.
  for (const text of total.failures) process.stdout.write(`\nfailed: ${text}\n`);
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed${skipped}\n`);
}

/**
 * Where the suites leave their reports and what they held (local/remains/keep.ts), and where temporary files go: a folder
 * of this run alone, so that at its end all that is in it is known to be ours.
 */
async function makeFolders(home: string): Promise<[reports: string, remains: string, temporary: string]> {
  // PostgreSQL runs as another user when this is root.
  await chmod(home, 0o755);
  const [reports, remains, temporary] = ['reports', 'remains', 'tmp'].map((name) =>
    path.join(home, name),
  ) as [string, string, string];
  for (const folder of [reports, remains, temporary]) await mkdir(folder);
  await chmod(temporary, 0o1777);
  Object.assign(process.env, { PULSESTREAM_REMAINS: remains, TMPDIR: temporary });
  return [reports, remains, temporary];
}

async function search(remains: string, temporary: string): Promise<Counts> {
  const complaints = await searchRemains(remains, temporary);
  return countCommand(
    'no token, key or secret was left behind',
    complaints.length === 0,
    complaints.join('\n'),
  );
}

/** Prints the output of a command only when it fails. */
async function step(name: string, script: string, ...args: string[]): Promise<Counts> {
  const { ok, output } = await run(name, script, args, { quiet: true });
  if (!ok) process.stdout.write(output);
  return countCommand(name, ok, output);
}

async function vitest(
  name: string,
  report: string,
  { node = process.execPath, args = [] }: { node?: string; args?: string[] } = {},
): Promise<Counts> {
  const reporters = ['dot', 'json', './local/test/log-file.ts'].map((reporter) => `--reporter=${reporter}`);
  const { ok } = await run(
    name,
    'node_modules/vitest/vitest.mjs',
    ['run', ...args, ...reporters, `--outputFile.json=${report}`],
    { node },
  );
  return suite(name, ok, report, countVitest);
}

/** What differs between versions of Node are the language and its library: the unit tests are enough to show it. */
async function onOtherNode(report: string): Promise<Counts> {
  const other = ensureOtherNode();
  const name = `unit tests on Node ${other.version}`;
  if ('executable' in other)
    return vitest(name, report, { node: other.executable, args: ['--project=unit'] });
  console.log(`── ${name}: skipped, ${other.missing}`);
  return { ...NOTHING, skipped: 1 };
}

/**
 * Two at once, each with services and an app of its own: tests of one project share what the local GitHub has and what
 * is broken on purpose, so that they run one after the other, and wait for much of the time.
 */
const BROWSER_RUNS = [
  ['server', 'walk'],
  ['desktop', 'mobile'],
];

async function browserTests(reports: string): Promise<Counts> {
  try {
    const { executablePath } = await ensureBrowser();
    const counts = await Promise.all(
      BROWSER_RUNS.map((projects) => playwright(reports, projects, executablePath)),
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
  const { ok } = await run(name, 'node_modules/@playwright/test/cli.js', args, { env });
  return suite(name, ok, report, countPlaywright);
}

/** A suite that crashed, left no report or ran nothing has failed, whatever it says. */
async function suite(
  name: string,
  ok: boolean,
  report: string,
  countIn: (json: unknown) => Counts,
): Promise<Counts> {
  const text = await readFile(report, 'utf8').catch(() => undefined);
  const counts = text === undefined ? NOTHING : countIn(JSON.parse(text));
  const ran = counts.passed + counts.failed > 0;
  if (ran && (ok || counts.failed > 0)) return counts;
  return add(counts, countCommand(name, false, ran ? 'failed although every test passed' : 'ran no test'));
}

async function run(
  name: string,
  script: string,
  args: string[],
  {
    env = {},
    quiet = false,
    node = process.execPath,
  }: { env?: Record<string, string>; quiet?: boolean; node?: string } = {},
): Promise<{ ok: boolean; output: string }> {
  if (!quiet) console.log(`── ${name}`);
  const start = Date.now();
  const child = spawn(node, [script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...env },
  });
  let whole = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      if (!quiet) process.stdout.write(text);
      whole += text;
    });
  }
  const unguard = endWithParent(child, { signal: 'TERM' });
  const closed = once(child, 'close');
  const [code] = await once(child, 'exit');
  // The rest of what it printed; but a process that it left behind, and that holds the pipe, must not hang us.
  await Promise.race([closed, setTimeout(5_000, undefined, { ref: false })]);
  unguard();
  console.log(
    `── ${name}: ${code === 0 ? 'passed' : 'failed'} in ${((Date.now() - start) / 1000).toFixed(1)} s`,
  );
  await keepRemains('logs', `of ${name}`, whole);
  return { ok: code === 0, output: whole.slice(-20_000) };
}

await main();
