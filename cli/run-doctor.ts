import { parseArgs } from 'node:util';
import type { Finding } from '../lib/doctor/check';
import { checkConfiguration } from '../lib/doctor/check-configuration';
import { CHECKS } from '../lib/doctor/checks';
import { connectionChecks } from '../lib/doctor/connection-checks';
import { createFacts, runChecks } from '../lib/doctor/run';
import { workspaceKeyChecks } from '../lib/doctor/workspace-key-checks';
import { readMigrations } from '../prisma/migrations-on-disk';

const USAGE = `Usage: npm run doctor [-- [--json] [--workspace SLUG]]

Checks this environment's configuration against its database, Redis and GitHub. It changes no setting.
  --json             print {ok, checks: [{id, status, found, todo}]}; use npm run --silent
  --workspace SLUG   also read each connection of this workspace, as a sync does, and its API keys`;

type Options = { json: boolean; help: boolean; workspace: string | undefined };

function readOptions(args: string[]): Options | string {
  try {
    const { values } = parseArgs({
      args,
      options: { json: { type: 'boolean' }, help: { type: 'boolean' }, workspace: { type: 'string' } },
      strict: true,
    });
    return { json: values.json ?? false, help: values.help ?? false, workspace: values.workspace };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const WIDTHS = { status: 5, id: 22 };

/** Prints a finding as a line, and what to do on a second one. */
function print({ status, id, found, todo }: Finding): void {
  const mark = status === 'fail' ? 'FAIL' : status;
  console.log(`${mark.padEnd(WIDTHS.status)} ${id.padEnd(WIDTHS.id)} ${found}`);
  if (todo !== '') console.log(`${' '.repeat(WIDTHS.status + WIDTHS.id + 2)}→ ${todo}`);
}

async function check(workspace: string | undefined, report: (finding: Finding) => void): Promise<Finding[]> {
  const configuration = checkConfiguration();
  report(configuration);
  if (configuration.status === 'fail') return [configuration];
  const { migrationDirectories } = await readMigrations();
  const facts = createFacts(migrationDirectories.map(({ path }) => path));
  const findings = await runChecks(CHECKS, facts, { report });
  const reachesDatabase = findings.every(({ id, status }) => id !== 'database' || status !== 'fail');
  const more =
    workspace !== undefined && reachesDatabase
      ? [...(await connectionChecks(workspace)), ...(await workspaceKeyChecks(workspace))]
      : [];
  return [configuration, ...(await runChecks(more, facts, { report, earlier: findings }))];
}

/**
 * Runs the doctor and prints its findings.
 *
 * @returns the exit code: 1 if a check failed or an argument is wrong
 */
export async function runDoctor(args: string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === 'string') {
    console.error(`${options}\n\n${USAGE}`);
    return 1;
  }
  if (options.help) {
    console.error(USAGE);
    return 0;
  }
  const checks = await check(options.workspace, options.json ? () => {} : print);
  const failed = checks.filter(({ status }) => status === 'fail').length;
  const warned = checks.filter(({ status }) => status === 'warn').length;
  if (options.json) console.log(JSON.stringify({ ok: failed === 0, checks }));
  else console.log(`\n${checks.length} checks, ${failed} failed, ${warned} to look at.`);
  return failed === 0 ? 0 : 1;
}
