/** Runs named tests in a copy of the checkout, and reads the reports. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureBrowser } from '../clients/browser';
import { endWithParent } from '../process/end-with-parent';
import { readPlaywright, readVitest, type TestReport } from '../test/reports';
import { isBrowserTest } from './mutations';
import { namePattern, type TestReference } from './reference';
import type { TestRun } from './verdict';

/** The part of the output to keep, which is enough for the cause of a failed start. */
const KEPT_CHARACTERS = 4_000;

/**
 * Runs these tests, first those of Vitest and then those of Playwright.
 *
 * @param root the copy of the checkout
 */
export async function runTests(root: string, references: readonly TestReference[]): Promise<TestRun> {
  const run: TestRun = { tests: [], output: '' };
  const folder = await mkdtemp(path.join(tmpdir(), 'claims-report-'));
  try {
    for (const kind of [vitest, playwright]) {
      const own = references.filter((reference) => isBrowserTest(reference) === (kind === playwright));
      if (own.length === 0) continue;
      const { tests, output } = await kind(root, own, path.join(folder, `${kind.name}.json`));
      run.tests.push(...tests);
      run.output += output;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return run;
}

type Runner = (root: string, references: readonly TestReference[], report: string) => Promise<TestRun>;

const vitest: Runner = async (root, references, report) => {
  const args = ['node_modules/vitest/vitest.mjs', 'run', ...filesOf(references), '-t', anyOf(references)];
  const output = await node(root, [...args, '--reporter=json', `--outputFile.json=${report}`]);
  return toRun(await read(report, (json) => readVitest(json, root)), output);
};

/** Runs browser tests. Their global set-up builds the app first, if a source has changed since the last build. */
const playwright: Runner = async (root, references, report) => {
  const { executablePath } = await ensureBrowser({ shell: true });
  const projects = new Set(references.map(({ file }) => `--project=${projectOf(file)}`));
  const output = await node(
    root,
    [
      'node_modules/@playwright/test/cli.js',
      'test',
      ...filesOf(references),
      ...projects,
      '--grep',
      anyOf(references),
    ],
    { PLAYWRIGHT_CHROMIUM: executablePath, PLAYWRIGHT_JSON_OUTPUT_NAME: report },
  );
  return toRun(await read(report, readPlaywright), output);
};

/** Returns the project in playwright.config.ts that a file belongs to. */
function projectOf(file: string): string {
  if (file === 'e2e/server/image.spec.ts') return 'image';
  if (file.startsWith('e2e/server/')) return 'server';
  return file === 'e2e/walk.spec.ts' ? 'walk' : 'desktop';
}

const filesOf = (references: readonly TestReference[]) => [...new Set(references.map(({ file }) => file))];

const anyOf = (references: readonly TestReference[]) => references.map(namePattern).join('|');

async function read(report: string, parse: (json: unknown) => TestReport): Promise<TestReport> {
  const text = await readFile(report, 'utf8').catch(() => undefined);
  return text === undefined ? { tests: [], errors: [] } : parse(JSON.parse(text));
}

const toRun = ({ tests, errors }: TestReport, output: string): TestRun => ({
  tests,
  output: [...errors, output].join('\n'),
});

/** Runs a script with Node in the copy. Returns the end of its output, whatever its exit code is. */
async function node(root: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...env },
  });
  const unguard = endWithParent(child, { signal: 'TERM' });
  const output = collect(child);
  await once(child, 'close');
  unguard();
  return output().slice(-KEPT_CHARACTERS);
}

function collect(child: ChildProcess): () => string {
  let whole = '';
  for (const stream of [child.stderr, child.stdout])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      whole += text;
    });
  return () => whole;
}
