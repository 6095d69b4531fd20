import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { startTrustedJobs } from '../../src/action/test-runner.js';
import { ROOT, startMachine } from '../../src/cli/test-machine.js';
import { countLines } from './count-lines.js';

const machine = await startMachine();
const { github } = machine.world;
const identity = await startTrustedJobs(machine);

const CLONE = 'GET /{owner}/{repo}/info/refs';

beforeEach(() => github.knobs.reset());

let runs = 0;

/** Runs the engine with a folder of its own for temporary files, and expects that it leaves nothing behind. */
async function runEngine(env: Record<string, string> = {}, started?: (pid: number) => void) {
  runs += 1;
  const temporary = machine.folder(`engine-${runs}`);
  await mkdir(temporary);
  const run = await machine.run(
    process.execPath,
    [path.join(ROOT, 'client/examples/analysis-engine/main.js')],
    {
      env: {
        ...identity.variables,
        PULSESTREAM_API_KEY: '',
        PULSESTREAM_WORKSPACE: machine.scene.slug,
        TMPDIR: temporary,
        ...env,
      },
      ...(started && { started }),
    },
  );
  expect(await machine.livingTokens()).toEqual([]);
  expect(await readdir(temporary)).toEqual([]);
  return { ...run, lines: run.stdout.trim().split('\n').sort() };
}

/** The faults of clones that have not been used yet. */
const faultsLeft = () => github.knobs.describe().faults.reduce((sum, { left }) => sum + left, 0);

describe('the example engine', () => {
  it('counts the lines of every repository, and leaves no token and no file', async () => {
    const { code, stderr, lines } = await runEngine();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(lines.filter((line) => /^acme\/(?:api|web) /.test(line))).toEqual([
      'acme/api  JavaScript 3, Markdown 3',
      'acme/web  JavaScript 3, Markdown 3',
    ]);
  });

  it('goes on after a repository that fails, and ends with 1', async () => {
    github.knobs.set({ webhooks: { hold: true } });
    await github.actions.deleteRepository({ repository: 'acme/infra' });
    const { code, stderr, lines } = await runEngine();
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(lines).toEqual([
      'acme/api  JavaScript 3, Markdown 3',
      expect.stringMatching(/^acme\/infra {2}failed: fatal: /),
      'acme/web  JavaScript 3, Markdown 3',
    ]);
  });

  it('asks for a new token before the old one expires, and revokes both', async () => {
    github.knobs.set({ tokenLifetimeMs: 240_000 });
    github.requests.clear();
    expect(await runEngine({ PARALLEL_CLONES: '1' })).toMatchObject({ code: expect.any(Number) });
    const mints = github.requests.filter({
      route: 'POST /app/installations/{installation_id}/access_tokens',
    });
    expect(mints.length).toBeGreaterThan(1);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ends at %s, with no more clones at a time than it was told',
    async (signal) => {
      github.knobs.failNext(CLONE, { kind: 'hang' }, 3);
      let pid = 0;
      const running = runEngine({ PARALLEL_CLONES: '2' }, (started) => {
        pid = started;
      });
      await vi.waitFor(() => expect(faultsLeft()).toBe(1), { timeout: 60_000 });
      process.kill(pid, signal);
      const { code, stderr } = await running;
      expect({ code, stderr }).toEqual({
        code: signal === 'SIGINT' ? 130 : 143,
        stderr: `analysis-engine: interrupted by ${signal}\n`,
      });
      expect(faultsLeft()).toBe(1);
    },
  );

  it('does not begin without an identity', async () => {
    const { code, stderr } = await runEngine({ ACTIONS_ID_TOKEN_REQUEST_URL: '' });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^analysis-engine: ACTIONS_ID_TOKEN_REQUEST_URL is not set/);
  });

  it('counts an unfinished last line, and neither binary files, links nor .git', async () => {
    const folder = machine.folder('lines');
    await mkdir(path.join(folder, '.git'), { recursive: true });
    await writeFile(path.join(folder, '.git/hook.sh'), 'a\n');
    await writeFile(path.join(folder, 'a.ts'), 'a\nb');
    await writeFile(path.join(folder, 'empty.ts'), '');
    await writeFile(path.join(folder, 'b.go'), 'a\0\n');
    await machine.run('ln', ['-s', '/etc/hosts', path.join(folder, 'link.md')]);
    expect([...(await countLines(folder, new AbortController().signal))]).toEqual([
      ['TypeScript', 2],
      ['Go', 0],
    ]);
  });
});
