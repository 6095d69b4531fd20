import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from '../../../local/services/debian-programs.js';
import { BINARY, startMachine } from './test-machine.js';
import { findInProcesses } from './test-processes.js';

const machine = await startMachine();
const { github } = machine.world;
const { webUrl } = github;
const MINT = 'POST /app/installations/{installation_id}/access_tokens';

beforeEach(() => {
  github.knobs.reset();
  github.requests.clear();
});

const exec = (...args: string[]) => machine.pulsestream(['exec', ...args]);
const shell = (script: string) => ['--', 'sh', '-c', script];
const mints = () => github.requests.filter({ route: MINT }).length;
const PULSESTREAM = `'${process.execPath}' '${BINARY}'`;

describe('pulsestream exec', () => {
  it('gives the command a token for the named repositories, and revokes the token', async () => {
    const before = await machine.livingTokens();
    const script = `curl -sS -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $GITHUB_TOKEN" ${github.apiUrl}/repos/acme/`;
    const run = await exec(
      '--repo',
      'acme/api',
      ...shell(`${script}api; echo; ${script}infra; echo; echo "$GITHUB_TOKEN"`),
    );
    const [api, infra, token = ''] = run.stdout.split('\n');
    expect([run.code, run.stderr, api, infra]).toEqual([0, '', '200', '404']);
    const answer = await fetch(`${github.apiUrl}/repos/acme/api`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(401);
    expect(await machine.livingTokens()).toEqual(before);
  });

  it('hides its own identity from the command, and leaves the rest of the environment', async () => {
    const run = await machine.pulsestream(['exec', ...shell('env')], {
      env: { KEPT: 'yes', GITHUB_TOKEN: 'other' },
    });
    expect(run.stdout).toMatch(/^KEPT=yes$/m);
    expect(run.stdout.match(/^GITHUB_TOKEN=.*$/gm)).toEqual([expect.stringMatching(/=ghs_\S+$/)]);
    expect(run.stdout).not.toContain('PULSESTREAM_API_KEY');
    expect(run.stdout).not.toContain(machine.apiKey);
    // The machine gives every program the key: without exec, `env` prints it.
    expect((await machine.run('env', [])).stdout).toContain(`PULSESTREAM_API_KEY=${machine.apiKey}`);
  });

  it.skipIf(process.platform !== 'linux')(
    'puts the token into the environment of no process but the command’s',
    async () => {
      const script = `process.stdout.write(process.env.GITHUB_TOKEN); process.stdin.on('end', () => {}).resume()`;
      let pid = 0;
      const found = await new Promise<Awaited<ReturnType<typeof findInProcesses>>>((resolve, reject) => {
        machine
          .pulsestream(['exec', '--', process.execPath, '-e', script], {
            started: (started) => {
              pid = started;
            },
            firstOutput: (token, end) => findInProcesses(token).then(resolve, reject).finally(end),
          })
          .catch(reject);
      });
      expect(found).toMatchObject([{ where: 'environ', command: expect.stringContaining('GITHUB_TOKEN') }]);
      expect(found[0]?.pid).not.toBe(pid);
    },
  );

  it('ends with the exit code of the command', async () => {
    expect((await exec(...shell('exit 7'))).code).toBe(7);
  });

  it('revokes the token when the command is killed, and says so by the exit code', async () => {
    const before = await machine.livingTokens();
    expect((await exec(...shell('kill -KILL $$'))).code).toBe(137);
    expect(await machine.livingTokens()).toEqual(before);
  });

  it.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
    'passes %s on, and ends by it when the command does',
    async (signal) => {
      const before = await machine.livingTokens();
      let pid = 0;
      const run = await machine.pulsestream(
        ['exec', '--', process.execPath, '-e', 'console.log("ready"); setInterval(() => {}, 1000)'],
        {
          started: (started) => {
            pid = started;
          },
          firstOutput: () => process.kill(pid, signal),
        },
      );
      expect(run).toMatchObject({ signal, stdout: 'ready\n' });
      expect(await machine.livingTokens()).toEqual(before);
    },
  );

  it('keeps the exit code of a command that handles the signal', async () => {
    let pid = 0;
    const script = `process.on('SIGTERM', () => process.exit(3)); console.log('ready'); setInterval(() => {}, 1000)`;
    const run = await machine.pulsestream(['exec', '--', process.execPath, '-e', script], {
      started: (started) => {
        pid = started;
      },
      firstOutput: () => process.kill(pid, 'SIGTERM'),
    });
    expect(run).toMatchObject({ code: 3, signal: null });
  });

  it('starts no command after a signal during the mint, and revokes the token that the mint brings', async () => {
    const before = await machine.livingTokens();
    const held = github.knobs.holdNextAnswer(MINT);
    let pid = 0;
    const running = machine.pulsestream(['exec', ...shell('echo started')], {
      started: (started) => {
        pid = started;
      },
    });
    await held.arrived;
    expect((await machine.livingTokens()).length).toBe(before.length + 1);
    process.kill(pid, 'SIGTERM');
    held.release();
    expect(await running).toMatchObject({ signal: 'SIGTERM', stdout: '' });
    expect(await machine.livingTokens()).toEqual(before);
  });

  it('says which command is missing or not executable, as shells do', async () => {
    const file = machine.folder('not-executable');
    await writeFile(file, 'x');
    await chmod(file, 0o644);
    const before = await machine.livingTokens();
    expect(await exec('--', 'no-such-command')).toMatchObject({
      code: 127,
      stderr: 'pulsestream: no-such-command was not found.\n',
    });
    expect((await exec('--', file)).code).toBe(126);
    expect(await machine.livingTokens()).toEqual(before);
    expect((await exec()).code).toBe(64);
  });

  it('never starts the command if it gets no token', async () => {
    const run = await exec('--repo', 'globex/reactor', ...shell('echo started'));
    expect([run.code, run.stdout]).toEqual([66, '']);
    expect(run.stderr).toContain('repository_not_accessible');
  });

  it('revokes the token even if revoking fails once, and says so if it cannot', async () => {
    github.knobs.failNext('DELETE /installation/token', { kind: 'status', status: 500 }, 20);
    const run = await exec(...shell('exit 7'));
    expect(run.code).toBe(7);
    expect(run.stderr).toBe('pulsestream: 1 token(s) could not be revoked; each expires within the hour\n');
  });
});

describe('git inside pulsestream exec', () => {
  it('uses the same token, and the settings that the caller gave', async () => {
    const folder = machine.folder('inside');
    const run = await machine.pulsestream(
      [
        'exec',
        '--repo',
        'acme/api',
        '--repo',
        'acme/web',
        ...shell(`git clone --quiet ${webUrl}/acme/api.git ${folder} && git -C ${folder} config test.kept`),
      ],
      { env: { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'test.kept', GIT_CONFIG_VALUE_0: 'yes' } },
    );
    expect(run).toMatchObject({ code: 0, stdout: 'yes\n', stderr: '' });
    expect(mints()).toBe(1);
  });

  it('gets nothing for a repository that the command was not given', async () => {
    const clone = `GIT_TERMINAL_PROMPT=0 git clone --quiet ${webUrl}/acme/web.git ${machine.folder('outside')}`;
    const run = await exec('--repo', 'acme/api', ...shell(clone));
    expect(run.code).toBe(128);
    expect(run.stderr).toContain('no answer to git: acme/web is not a part of this command');
  });

  it('keeps helpers for other hosts, and none for GitHub’s', async () => {
    await writeFile(
      path.join(machine.home, '.gitconfig'),
      '[credential]\n\thelper = "!echo password=stored; echo username=user; :"\n',
    );
    const fill = (url: string) => `printf 'url=${url}\\n\\n' | GIT_TERMINAL_PROMPT=0 git credential fill`;
    const run = await exec(...shell(`${fill('https://other.example/x')}; ${fill(`${webUrl}/acme/api.git`)}`));
    await writeFile(path.join(machine.home, '.gitconfig'), '');
    const [other, ours] = run.stdout.split(/(?<=password=stored\n)/);
    expect(other).toContain('password=stored');
    expect(ours).toMatch(/password=ghs_/);
    expect(ours).not.toContain('stored');
  });
});

describe('pulsestream inside pulsestream exec', () => {
  it('writes the token of the command, mints none, and refuses to widen it', async () => {
    const run = await exec(
      '--repo',
      'acme/api',
      ...shell(`test "$(${PULSESTREAM} token)" = "$GITHUB_TOKEN" && echo same`),
    );
    expect(run).toMatchObject({ code: 0, stdout: 'same\n' });
    expect(mints()).toBe(1);
    const other = await exec('--repo', 'acme/api', ...shell(`${PULSESTREAM} token --repo acme/web`));
    expect([other.code, other.stdout]).toEqual([64, '']);
    const nested = `${PULSESTREAM} exec --repo acme/web -- echo started`;
    expect(await exec('--repo', 'acme/api', ...shell(nested))).toMatchObject({
      code: 64,
      stdout: '',
      stderr: expect.stringContaining('for what that command was given'),
    });
  });

  it('clones with the token of the command, and leaves its end to the command', async () => {
    const folder = machine.folder('nested');
    await mkdir(folder);
    const run = await exec(
      '--repo',
      'acme/api',
      ...shell(`cd ${folder} && ${PULSESTREAM} clone acme/api -q && ${PULSESTREAM} clone acme/api again -q`),
    );
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(await readdir(folder)).toEqual(['again', 'api']);
    expect(mints()).toBe(1);
  });

  it('says that the command has ended, if it has', async () => {
    const gone = { PULSESTREAM_SESSION: machine.folder('gone') };
    const run = await machine.pulsestream(['token'], { env: gone });
    expect([run.code, run.stdout]).toEqual([69, '']);
    expect(run.stderr).toContain('has ended');
  });
});

describe('pulsestream token', () => {
  it('writes a token to a pipe, as text or as JSON', async () => {
    const plain = await machine.pulsestream(['token', '--repo', 'acme/api']);
    expect(plain).toMatchObject({ code: 0, stderr: '' });
    expect(plain.stdout).toMatch(/^ghs_\S+\n$/);
    const json = JSON.parse((await machine.pulsestream(['token', '--repo', 'acme/api', '--json'])).stdout);
    expect(Object.keys(json)).toEqual(['token', 'expires_at']);
    expect(Date.parse(json.expires_at)).toBeGreaterThan(Date.now());
  });

  const SCRIPT = findProgram('script');
  it.skipIf(SCRIPT === undefined || process.platform !== 'linux')(
    'writes to a terminal only with --show',
    async () => {
      const onTerminal = (args: string) =>
        machine.run(SCRIPT ?? '', ['-qec', `${PULSESTREAM} token --repo acme/api ${args}`, '/dev/null']);
      const refused = await onTerminal('');
      expect(refused.code).toBe(64);
      expect(refused.stdout).not.toContain('ghs_');
      expect(mints()).toBe(0);
      expect((await onTerminal('--show')).stdout).toContain('ghs_');
    },
  );
});
