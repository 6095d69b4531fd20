/**
 * `npm run bench` measures every figure that has a target, each together with its baseline, in one run.
 *
 * - `npm run bench -- --only pages` runs just one bench. `--only` may be repeated.
 * - `npm run bench -- --quick` runs fewer rounds, which is enough to show that everything works.
 *
 * Prints a table for each bench. Also writes it to bench/results.md, unless the run was quick or other programs kept
 * the machine busy. The exit code is 1 if a target was missed.
 */
import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { measureAudit } from './audit';
import { measureMint } from './mint';
import { findOtherWork } from './other-work';
import { measurePages } from './pages';
import { type Bench, type Report, table } from './report';
import { measureRepositories } from './repositories';
import { measureStart } from './start';
import { measureWebhooks } from './webhooks';

const RESULTS = 'bench/results.md';

const BENCHES: Record<string, { title: string; run: Bench }> = {
  mint: { title: 'Mints', run: measureMint },
  webhooks: { title: 'Webhooks', run: measureWebhooks },
  repositories: { title: 'Repositories: sync and search at 10,000', run: measureRepositories },
  audit: { title: 'Audit log: pages, mints, exports and verification at size', run: measureAudit },
  pages: { title: 'Pages: JavaScript, largest paint, layout shift', run: measurePages },
  start: { title: 'Server start', run: measureStart },
};

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, quick: { type: 'boolean', default: false } },
});
const chosen = values.only ?? Object.keys(BENCHES);
const unknown = chosen.filter((name) => BENCHES[name] === undefined);
if (unknown.length > 0) {
  console.error(
    `No bench by the name of ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}.`,
  );
  process.exit(1);
}
const missed: string[] = [];
for (const name of chosen) {
  const bench = BENCHES[name];
  if (bench === undefined) continue;
  console.log(`\n${bench.title}`);
  const busyBefore = await findOtherWork();
  const report = await bench.run({ quick: values.quick, say: (line) => console.log(`  ${line}`) });
  const text = await section(bench.title, report);
  console.log(`\n${text}`);
  const busy = busyBefore ?? (await findOtherWork());
  if (busy !== undefined) missed.push(`${name}: not written to ${RESULTS}, because ${busy}`);
  else if (!values.quick) await keep(name, text);
  missed.push(...report.missed);
}
console.log(missed.length === 0 ? 'Every target was reached.' : `Missed:\n- ${missed.join('\n- ')}`);
process.exitCode = missed.length === 0 ? 0 : 1;

async function section(title: string, report: Report): Promise<string> {
  const { dependencies } = JSON.parse(await readFile('package.json', 'utf8'));
  const [cpu] = os.cpus();
  const machine = `${os.cpus().length} × ${cpu?.model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.type()} ${os.release()}`;
  const versions = `Node ${process.versions.node}, Next ${dependencies.next}, React ${dependencies.react}`;
  const [load = 0] = os.loadavg();
  return [
    `## ${title}`,
    '',
    `${new Date().toISOString().slice(0, 16)}Z · ${machine}, load ${load.toFixed(1)} at the end · ${versions}${values.quick ? ' · **quick**: few rounds' : ''}`,
    '',
    table(report),
    '',
    ...(report.notes ?? []).map((note) => `- ${note}`),
    ...report.missed.map((what) => `- **missed**: ${what}`),
    '',
  ].join('\n');
}

/** Replaces this bench's section in the results file. Keeps the other sections, which may come from earlier runs. */
async function keep(name: string, text: string): Promise<void> {
  const head = '# Results of `npm run bench`\n';
  const before = await readFile(RESULTS, 'utf8').catch(() => head);
  const sections = new Map(
    before
      .split(/^<!-- (?=[a-z]+ -->)/m)
      .slice(1)
      .map((part) => {
        const [key = '', ...rest] = part.split(' -->\n');
        return [key, rest.join(' -->\n')];
      }),
  );
  sections.set(name, text);
  const ordered = Object.keys(BENCHES).flatMap((key) => {
    const kept = sections.get(key);
    return kept === undefined ? [] : [`<!-- ${key} -->\n${kept.trimEnd()}`];
  });
  await writeFile(RESULTS, `${[head.trimEnd(), ...ordered].join('\n\n')}\n`);
}
