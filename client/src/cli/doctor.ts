import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { proxiedFetch } from '../proxied-fetch.js';
import type { Command } from './command.js';
import { readSettings, type Settings } from './environment.js';
import { EXIT } from './exit-codes.js';
import { describeFailure } from './failure.js';
import { clientOf } from './open-source.js';
import { assertUnixSockets } from './platform.js';

type Status = 'ok' | 'warn' | 'fail';

interface Finding {
  id: string;
  status: Status;
  found: string;
  todo: string;
}

type Check = (env: NodeJS.ProcessEnv, platform: NodeJS.Platform) => Promise<Finding>;

/** Checks what the other commands need, from the variables to git's configuration. */
export const doctor: Command = {
  summary: 'checks configuration, identity, clock and git',
  usage: `Usage: pulsestream doctor [--json]

Checks the configuration, the control plane, this machine's clock, the identity,
what may be read, and git. Prints one line a check, and exits with 1 if one fails.
Mints no token.

  --json   {"ok", "checks": [{"id", "status", "found", "todo"}]}`,
  options: { json: { type: 'boolean' } },
  async run({ values, env, platform }) {
    const findings: Finding[] = [];
    for (const check of checksFor(env)) {
      const finding = await check(env, platform);
      findings.push(finding);
      if (values.json !== true) print(finding);
    }
    const ok = findings.every(({ status }) => status !== 'fail');
    if (values.json === true) process.stdout.write(`${JSON.stringify({ ok, checks: findings })}\n`);
    return ok ? EXIT.ok : EXIT.failed;
  },
};

/** Without a configuration there is nothing to reach, but git can be checked all the same. */
function checksFor(env: NodeJS.ProcessEnv): Check[] {
  try {
    readSettings(env);
    return [
      checkConfiguration,
      checkControlPlane,
      checkClock,
      checkIdentity,
      checkGit,
      checkHelper,
      checkPlatform,
    ];
  } catch {
    return [checkConfiguration, checkGit, checkPlatform];
  }
}

function print({ id, status, found, todo }: Finding): void {
  const mark = status === 'fail' ? 'FAIL' : status;
  process.stdout.write(
    `${mark.padEnd(5)} ${id.padEnd(14)} ${found}${todo === '' ? '' : `\n${' '.repeat(21)}→ ${todo}`}\n`,
  );
}

const finding = (id: string, status: Status, found: string, todo = ''): Finding => ({
  id,
  status,
  found,
  todo,
});

const checkConfiguration: Check = async (env) => {
  try {
    const { url, identity, workspace } = readSettings(env);
    const where = workspace === undefined ? '' : `, workspace ${workspace}`;
    return finding('configuration', 'ok', `${url}, identity by ${identity}${where}`);
  } catch (error) {
    return finding('configuration', 'fail', describeFailure(error).message, 'Set it, and run this again.');
  }
};

const TIMEOUT_MS = 10_000;

/** Asks for the health of the control plane, which needs no identity. */
async function askHealth({
  url,
}: Settings): Promise<{ response: Response; startedAt: number; endedAt: number }> {
  const startedAt = Date.now();
  const response = await proxiedFetch(new URL('/api/health/live', url).href, {
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await response.body?.cancel();
  return { response, startedAt, endedAt: Date.now() };
}

const checkControlPlane: Check = async (env) => {
  const id = 'control plane';
  const settings = readSettings(env);
  try {
    const { response } = await askHealth(settings);
    if (response.status === 200) return finding(id, 'ok', 'reachable');
    return finding(
      id,
      'fail',
      `answers with status ${response.status}`,
      'Ask its operator; the URL may also be wrong.',
    );
  } catch {
    return finding(id, 'fail', 'cannot be reached', 'Check PULSESTREAM_URL, the network and its proxy.');
  }
};

/** Identity tokens are valid for minutes, and are accepted with a minute of tolerance. */
const MAX_CLOCK_ERROR_SECONDS = 60;

const checkClock: Check = async (env) => {
  try {
    const { response, startedAt, endedAt } = await askHealth(readSettings(env));
    const theirs = Date.parse(response.headers.get('date') ?? '');
    if (Number.isNaN(theirs)) return finding('clock', 'warn', 'the control plane does not tell the time');
    // The header has whole seconds and was written at some time between the two.
    const seconds = Math.round(Math.max(startedAt - theirs - 1_000, theirs - endedAt, 0) / 1000);
    if (seconds <= MAX_CLOCK_ERROR_SECONDS) return finding('clock', 'ok', `within ${Math.max(seconds, 1)} s`);
    return finding('clock', 'fail', `differs by ${seconds} s`, 'Synchronize this machine’s clock.');
  } catch {
    return finding('clock', 'warn', 'unknown, because the control plane cannot be reached');
  }
};

/** The names to print. A caller may read thousands. */
const SHOWN = 3;

const checkIdentity: Check = async (env) => {
  try {
    const names: string[] = [];
    for await (const { full_name } of clientOf(env).repositories()) {
      names.push(full_name);
      if (names.length > SHOWN) break;
    }
    if (names.length === 0)
      return finding(
        'identity',
        'warn',
        'accepted, but it may read no repository',
        'Connect GitHub, or grant one.',
      );
    const more = names.length > SHOWN ? ' and more' : '';
    return finding('identity', 'ok', `accepted; may read ${names.slice(0, SHOWN).join(', ')}${more}`);
  } catch (error) {
    return finding(
      'identity',
      'fail',
      describeFailure(error).message,
      'Look for the request in the audit log.',
    );
  }
};

const run = promisify(execFile);

/** Runs git without input. A failure, such as of `config --get`, reads as no output. */
async function git(...args: string[]): Promise<string | undefined> {
  try {
    return (await run('git', args, { timeout: TIMEOUT_MS })).stdout.trim();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : '';
  }
}

/** The oldest git that this command is tested with, and the first that takes an ephemeral credential. */
const OLDEST = [2, 39];
const EPHEMERAL = [2, 46];

const checkGit: Check = async () => {
  const text = await git('version');
  if (text === undefined) return finding('git', 'fail', 'not found', 'Install git.');
  const version = /(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number) ?? [];
  if (!isAtLeast(version, OLDEST)) return finding('git', 'warn', text, `Use ${OLDEST.join('.')} or newer.`);
  const ephemeral = isAtLeast(version, EPHEMERAL) ? ', takes ephemeral credentials' : '';
  return finding('git', 'ok', `${text}${ephemeral}`);
};

function isAtLeast([major = 0, minor = 0]: number[], [wantedMajor = 0, wantedMinor = 0]: number[]): boolean {
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

const checkPlatform: Check = async (_, platform) => {
  try {
    assertUnixSockets('pulsestream clone and exec', platform);
    return finding('platform', 'ok', `${platform}; every command works`);
  } catch (error) {
    return finding('platform', 'warn', `${platform}; clone and exec refuse`, describeFailure(error).message);
  }
};

/** Plain `git` needs the helper configured. `clone` and `exec` bring their own configuration. */
const checkHelper: Check = async (env) => {
  const origin = await originOf(env);
  const configured = (await git('config', '--get-urlmatch', 'credential.helper', origin)) ?? '';
  const isOurs = configured.includes('pulsestream');
  if (isOurs) return finding('helper', 'ok', `git asks pulsestream for ${origin}`);
  const found = configured === '' ? 'no helper' : 'another helper';
  return finding(
    'helper',
    'ok',
    `git has ${found} for ${origin}; clone and exec bring their own`,
    'For plain git, see pulsestream git-credential --help.',
  );
};

async function originOf(env: NodeJS.ProcessEnv): Promise<string> {
  try {
    for await (const { clone_url } of clientOf(env).repositories()) return new URL(clone_url).origin;
  } catch {
    // The check of the identity reports why.
  }
  return 'https://github.com';
}
