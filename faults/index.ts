/**
 * `npm run faults` breaks the running system in twelve ways, on real processes, and checks what must hold (F1 to F12).
 *
 * - `npm run faults -- --only F4` runs just one fault. `--only` may be repeated, and takes several with commas.
 * - `npm run faults -- --quick` sends less of everything.
 * - `npm run faults -- --only F12 --minutes 30` lets the mixed load last longer than its six minutes.
 *
 * Prints a table. A complete run also writes it to bench/faults.md. The exit code is 1 if a guarantee did not hold.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuild } from '../local/app/build';
import { prepareRemains } from '../local/remains/prepare';
import { installDebianPrograms } from '../local/services/debian-programs';
import { FAULTS } from './faults';
import { allHeld, choose, faultTable, type Outcome, runFaults } from './run';

const RESULTS = 'bench/faults.md';
const MINUTES = 6;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    minutes: { type: 'string', default: String(MINUTES) },
  },
});

async function main(): Promise<boolean> {
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`--minutes takes a positive number, not ${values.minutes}`);
  const chosen = choose(Object.keys(FAULTS), values.only);
  const home = await mkdtemp(path.join(os.tmpdir(), 'pulsestream-faults-'));
  try {
    await prepareRemains(home);
    installDebianPrograms();
    await ensureBuild({ quiet: true });
    const { quick } = values;
    const outcomes = await runFaults(FAULTS, chosen, { quick, minutes, say: (line) => console.log(line) });
    const text = report(outcomes);
    console.log(`\n${text}`);
    if (!quick && values.only === undefined) await writeFile(RESULTS, text);
    return allHeld(outcomes);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function report(outcomes: readonly Outcome[]): string {
  const [cpu] = os.cpus();
  const seconds = outcomes.reduce((sum, each) => sum + each.seconds, 0);
  return [
    '# Results of `npm run faults`',
    '',
    `${new Date().toISOString().slice(0, 16)}Z · ${os.cpus().length} × ${cpu?.model.trim()}, ${os.type()} ${os.release()}, Node ${process.versions.node} · ${(seconds / 60).toFixed(1)} min${values.quick ? ' · **quick**' : ''}`,
    '',
    faultTable(outcomes),
    '',
    ...outcomes.map(({ id, title, seconds: each }) => `- ${id}: ${title} (${Math.round(each)} s)`),
    '',
  ].join('\n');
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
