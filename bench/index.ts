/**
 * `npm run bench` measures every figure that has a target, each together with its baseline, in one run.
 *
 * - `npm run bench -- --only pages` runs just one bench. `--only` may be repeated.
 * - `npm run bench -- --quick` runs fewer rounds, which is enough to show that everything works.
 * - `npm run bench -- --draw` measures nothing, and draws the pictures and the README's figures from the results.
 *
 * Prints a table for each bench. Also writes it to bench/results.md, unless the run was quick or other programs kept
 * the machine busy. The exit code is 1 if a target was missed.
 *
 * `npm test` passes `--check` with a file. Then the run only shows that each bench works to its end, and a missed target
 * doesn't count. The file tells which benches broke, and how long each took.
 */
import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { measureAudit } from './audit';
import { brokenBench, type Checked } from './broken';
import { drawAll } from './drawn';
import { measureMint } from './mint';
import { findOtherWork } from './other-work';
import { measurePages } from './pages';
import { measureReconcile } from './reconcile';
import type { Bench } from './report';
import { measureRepositories } from './repositories';
import { keepSection, RESULTS, sectionText } from './results';
import { measureScale } from './scale';
import { measureStart } from './start';
import { measureWebhooks } from './webhooks';

/** Each bench with the targets that it has to have figures for, and the name of its picture's x axis. */
const BENCHES: Record<string, { title: string; run: Bench; figures: string[]; x?: string }> = {
  mint: { title: 'Mints', run: measureMint, figures: ['P1', 'P2', 'P3'] },
  webhooks: { title: 'Webhooks', run: measureWebhooks, figures: ['P4'] },
  repositories: {
    title: 'Repositories: sync and search at 10,000',
    run: measureRepositories,
    figures: ['P5', 'P6', 'P7'],
  },
  reconcile: { title: 'Reconcile: a pass with nothing to do', run: measureReconcile, figures: ['S6'] },
  audit: {
    title: 'Audit log: pages, mints, exports and verification at size',
    run: measureAudit,
    figures: ['S1', 'S2', 'S3', 'S4'],
    x: 'events in the log',
  },
  scale: { title: 'Scale: replicas, PgBouncer, many workspaces', run: measureScale, figures: ['S5'] },
  pages: {
    title: 'Pages: JavaScript, largest paint, layout shift',
    run: measurePages,
    figures: ['U1', 'U2'],
  },
  start: { title: 'Server start', run: measureStart, figures: ['U3'] },
};

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    draw: { type: 'boolean', default: false },
    check: { type: 'string' },
  },
});
const chosen = values.draw ? [] : (values.only ?? Object.keys(BENCHES));
const unknown = chosen.filter((name) => BENCHES[name] === undefined);
if (unknown.length > 0) {
  console.error(
    `No bench by the name of ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}.`,
  );
  process.exit(1);
}
const check = values.check !== undefined;
const quick = values.quick || check;
const missed: string[] = [];
const checked: Record<string, Checked> = {};
/** Names other work that was found after the previous bench. No process of a bench has run since. */
let busyBefore = quick || chosen.length === 0 ? undefined : await findOtherWork();
for (const name of chosen) await runBench(name);
if (values.check === undefined) {
  if (values.draw) await drawAll();
  else console.log(missed.length === 0 ? 'Every target was reached.' : `Missed:\n- ${missed.join('\n- ')}`);
  process.exitCode = missed.length === 0 ? 0 : 1;
} else {
  await writeFile(values.check, JSON.stringify(checked));
  process.exitCode = Object.values(checked).every(({ broken }) => broken === null) ? 0 : 1;
}

async function runBench(name: string): Promise<void> {
  const bench = BENCHES[name];
  if (bench === undefined) return;
  console.log(`\n${bench.title}`);
  const say = (line: string) => console.log(`  ${line}`);
  const started = performance.now();
  const took = () => Math.round((performance.now() - started) / 100) / 10;
  try {
    const report = await bench.run({ quick, check, say });
    const text = sectionText(bench.title, await conditions(started), report, bench.x ?? 'x');
    console.log(`\n${text}`);
    checked[name] = { broken: brokenBench(report, bench.figures), seconds: took() };
    missed.push(...report.missed);
    if (!quick) await keep(name, text);
  } catch (error) {
    if (values.check === undefined) throw error;
    const broken = error instanceof Error ? (error.stack ?? error.message) : String(error);
    checked[name] = { broken, seconds: took() };
    console.error(error);
  }
}

/** Writes a section into the results, and draws what shows them. */
async function keep(name: string, text: string): Promise<void> {
  const busyAfter = await findOtherWork();
  const busy = busyBefore ?? busyAfter;
  busyBefore = busyAfter;
  if (busy === undefined) {
    await keepSection(name, text, Object.keys(BENCHES));
    await drawAll();
  } else missed.push(`${name}: not written to ${RESULTS}, because ${busy}`);
}

/** @param started when the bench began, by the monotonic clock */
async function conditions(started: number): Promise<string> {
  const { dependencies } = JSON.parse(await readFile('package.json', 'utf8'));
  const [cpu] = os.cpus();
  const machine = `${os.cpus().length} × ${cpu?.model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.type()} ${os.release()}`;
  const versions = `Node ${process.versions.node}, Next ${dependencies.next}, React ${dependencies.react}`;
  const [load = 0] = os.loadavg();
  const seconds = Math.round((performance.now() - started) / 1000);
  return `${new Date().toISOString().slice(0, 16)}Z · ${machine}, load ${load.toFixed(1)} at the end · took ${Math.floor(seconds / 60)} min ${seconds % 60} s · ${versions}${quick ? ' · **quick**: few rounds' : ''}`;
}
