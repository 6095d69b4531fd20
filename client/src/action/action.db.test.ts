import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ROOT, startMachine } from '../cli/test-machine.js';
import { startIdentityService, startJob, startTrustedJobs } from './test-runner.js';

const machine = await startMachine();
const { github } = machine.world;
const identity = await startTrustedJobs(machine);
const ACTION = path.join(ROOT, 'client/action');

const inputs = { url: machine.origin, workspace: machine.scene.slug };

let earlier: string[] = [];
const livingTokens = async () => (await machine.livingTokens()).filter((hash) => !earlier.includes(hash));

beforeEach(async () => {
  github.knobs.reset();
  earlier = await machine.livingTokens();
  identity.audiences.length = 0;
});

const job = (variables: Record<string, string> = identity.variables) => startJob(machine, variables);

const inputsAsVariables = (given: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]));

/** Every file below a folder, with its content. */
async function filesIn(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return (
    await Promise.all(files.map((entry) => readFile(path.join(entry.parentPath, entry.name), 'latin1')))
  ).join('\n');
}

describe('the action', () => {
  it('lets git of following steps clone the named repositories, and revokes each token in its post step', async () => {
    const { uses, run, temp, variables } = await job();
    const { main, post } = await uses(ACTION, { ...inputs, repositories: 'acme/api\nacme/web' });
    expect(main).toMatchObject({ code: 0, stderr: '' });
    expect(await livingTokens()).toEqual([]);
    const clones = await run(
      `git clone --quiet ${github.webUrl}/acme/api.git && git clone --quiet ${github.webUrl}/acme/web.git`,
    );
    expect(clones).toMatchObject({ code: 0, log: '' });
    expect(await livingTokens()).toHaveLength(2);
    const refused = await run(`git clone ${github.webUrl}/acme/docs.git`);
    expect(refused.code).toBe(128);
    expect(JSON.stringify(variables)).not.toContain('ghs_');
    expect(await filesIn(temp)).not.toMatch(/ghs_[\w.-]{20}/);
    expect(await post()).toMatchObject({ code: 0, stdout: 'Every token is revoked.\n', stderr: '' });
    expect(await livingTokens()).toEqual([]);
  });

  it('asks for an identity token for the control plane, or for the audience that it is given', async () => {
    const { uses } = await job();
    const first = await uses(ACTION, inputs);
    expect(new Set(identity.audiences)).toEqual(new Set([machine.origin]));
    identity.audiences.length = 0;
    const second = await uses(ACTION, { ...inputs, audience: 'https://tokens.example.com' });
    expect(new Set(identity.audiences)).toEqual(new Set(['https://tokens.example.com']));
    // This control plane accepts no token for another audience.
    expect(second.main).toMatchObject({ code: 1, stdout: expect.stringContaining('(unauthenticated') });
    await first.post();
    await second.post();
  });

  it('proves nothing but the identity of its job: another repository’s job gets nothing', async () => {
    const other = await startIdentityService((aud) =>
      machine.issuer.signGitHubActions({ repository: 'acme/other' }, { aud }),
    );
    const { uses } = await job(other.variables);
    const { main, post } = await uses(ACTION, inputs);
    expect(other.audiences).not.toEqual([]);
    expect(main).toMatchObject({ code: 1, stdout: expect.stringContaining('(unauthenticated') });
    await post();
    expect(await livingTokens()).toEqual([]);
  });

  it('gives other programs a masked token in the variable that is asked for, and revokes it too', async () => {
    const { uses, run, variables } = await job({ ...identity.variables, GIT_CONFIG_COUNT: '0' });
    const { main, post } = await uses(ACTION, { ...inputs, 'token-variable': 'GITHUB_TOKEN' });
    expect(main).toMatchObject({ code: 0, stderr: '' });
    expect(await livingTokens()).toHaveLength(1);
    expect(variables.GITHUB_TOKEN).toMatch(/^ghs_/);
    const shown = await run('echo "token: $GITHUB_TOKEN"');
    expect(shown.log).toBe('token: ***\n');
    await post();
    expect(await livingTokens()).toEqual([]);
  });

  it('keeps the settings of git that the job has made', async () => {
    const settings = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'user.name', GIT_CONFIG_VALUE_0: 'Robot' };
    const { uses, run } = await job({ ...identity.variables, ...settings });
    const { post } = await uses(ACTION, inputs);
    const { stdout } = await run(`git config user.name; git config credential.${github.webUrl}.useHttpPath`);
    expect(stdout).toBe('Robot\ntrue\n');
    await post();
  });

  it.each([
    [
      'no permission',
      {},
      {},
      'ACTIONS_ID_TOKEN_REQUEST_URL is not set. It needs permissions: id-token: write.',
    ],
    ['no workspace', identity.variables, { workspace: ' ' }, 'The input workspace is empty.'],
    [
      'a text that is no repository',
      identity.variables,
      { repositories: 'acme' },
      '"acme" is not a repository',
    ],
    [
      'a repository that is not granted',
      identity.variables,
      { repositories: 'acme/none' },
      'acme/none does not exist',
    ],
    [
      'a variable of the runner',
      identity.variables,
      { 'token-variable': 'GITHUB_ENV' },
      'The input token-variable',
    ],
    ['a variable of git', identity.variables, { 'token-variable': 'GIT_SSH' }, 'The input token-variable'],
    [
      'a URL that commands the runner',
      identity.variables,
      { url: 'x\n::add-mask::y' },
      'The URL of the control plane',
    ],
  ])('fails with the reason, and changes nothing, if there is %s', async (_, variables, wrong, reason) => {
    const { uses, variables: after } = await job(variables);
    const before = { ...after };
    const { main, post } = await uses(ACTION, { ...inputs, ...wrong });
    expect(main).toMatchObject({ code: 1, stderr: '' });
    expect(main.stdout).toMatch(/^::error title=PulseStream::[^\n]+\n$/);
    expect(main.stdout).toContain(reason);
    expect(after).toEqual(before);
    expect(await post()).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await livingTokens()).toEqual([]);
  });

  it('revokes the token again if the runner’s files cannot be written', async () => {
    const env = { ...identity.variables, ...inputsAsVariables({ ...inputs, 'token-variable': 'TOKEN' }) };
    const run = await machine.run(process.execPath, [path.join(ROOT, 'client/dist/action/start.js')], {
      env,
    });
    expect(run).toMatchObject({ code: 1, stderr: '' });
    expect(run.stdout).toContain('GITHUB_STATE is not set');
    expect(await livingTokens()).toEqual([]);
  });

  it('warns in the post step that a token lives on, if GitHub cannot revoke it', async () => {
    const { uses } = await job();
    const { post } = await uses(ACTION, { ...inputs, 'token-variable': 'TOKEN' });
    github.knobs.failNext('DELETE /installation/token', { kind: 'status', status: 500 }, 100);
    const ended = await post();
    github.knobs.reset();
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toBe(
      '::warning title=PulseStream::1 token(s) could not be revoked; each expires within the hour.\n',
    );
  });
});
