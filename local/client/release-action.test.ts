import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'pulsestream-release-'));
afterAll(() => rmSync(folder, { recursive: true }));

const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { encoding: 'utf8' });

it('releases an action that a runner can run after a checkout, and leaves this checkout as it is', () => {
  const remote = path.join(folder, 'remote.git');
  const checkout = path.join(folder, 'checkout');
  git('init', '--bare', '--quiet', remote);
  // The tag is written in a repository of its own, which shares this one's objects.
  git('clone', '--quiet', '--shared', ROOT, checkout);
  const before = git('-C', ROOT, 'diff', '--cached');
  const env = {
    ...process.env,
    GIT_DIR: path.join(checkout, '.git'),
    GIT_WORK_TREE: ROOT,
    GIT_AUTHOR_NAME: 't',
    GIT_AUTHOR_EMAIL: 't@example.com',
    GIT_COMMITTER_NAME: 't',
    GIT_COMMITTER_EMAIL: 't@example.com',
  };
  const release = ['node_modules/tsx/dist/cli.mjs', 'local/client/release-action.ts', 'v1', remote];
  execFileSync(process.execPath, release, { cwd: ROOT, env, stdio: 'pipe' });
  expect(git('-C', ROOT, 'diff', '--cached')).toBe(before);

  const runner = path.join(folder, 'runner');
  git('clone', '--quiet', '-c', 'advice.detachedHead=false', '--branch=v1', remote, runner);
  const action = path.join(runner, 'client/action');
  const { runs } = parse(readFileSync(path.join(action, 'action.yml'), 'utf8'));
  const start = () =>
    execFileSync(process.execPath, [path.join(action, runs.main)], { env: NO_INPUTS, stdio: 'pipe' });
  expect(start).toThrow(expect.objectContaining({ stdout: expect.toSatisfy(namesTheInput) }));
  expect(execFileSync(process.execPath, [path.join(action, runs.post)], { env: NO_INPUTS }).toString()).toBe(
    '',
  );
  expect(git('-C', runner, 'ls-files', '*.ts')).not.toMatch(/(?<!\.d)\.ts$/m);
});

/** The environment of a step without inputs. */
const NO_INPUTS: NodeJS.ProcessEnv = { NODE_ENV: 'test' };

const namesTheInput = (stdout: Buffer) =>
  stdout.toString() === '::error title=PulseStream::The input url is empty.\n';
