import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startMachine } from './test-machine.js';

const machine = await startMachine(['acme/api']);
const { webUrl } = machine.world.github;

type Finding = { id: string; status: string; found: string; todo: string };

async function examine(env: Record<string, string> = {}) {
  const run = await machine.pulsestream(['doctor', '--json'], { env });
  expect(run.stderr).toBe('');
  const { ok, checks }: { ok: boolean; checks: Finding[] } = JSON.parse(run.stdout);
  return { code: run.code, ok, checks: Object.fromEntries(checks.map(({ id, ...rest }) => [id, rest])), run };
}

/** Serves health and nothing else, with a clock that is wrong by some seconds. */
async function startControlPlane(status: number, clockErrorSeconds = 0): Promise<string> {
  const server = createServer((_, response) => {
    response
      .writeHead(status, { date: new Date(Date.now() + clockErrorSeconds * 1_000).toUTCString() })
      .end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('pulsestream doctor', () => {
  it('finds a working machine, prints one line a check, and mints nothing', async () => {
    const before = await machine.livingTokens();
    const run = await machine.pulsestream(['doctor']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const checks = run.stdout.split('\n').filter((line) => /^\S/.test(line));
    expect(checks.map((line) => line.slice(0, 20).trim().split(/ {2,}/))).toEqual([
      ['ok', 'configuration'],
      ['ok', 'control plane'],
      ['ok', 'clock'],
      ['ok', 'identity'],
      ['ok', 'git'],
      ['ok', 'helper'],
      ['ok', 'platform'],
    ]);
    expect(run.stdout).toContain('may read acme/api\n');
    expect(run.stdout).not.toContain(machine.apiKey);
    expect(await machine.livingTokens()).toEqual(before);
  });

  it('names what to set, and still checks git, without a configuration', async () => {
    const { code, ok, checks } = await examine({ PULSESTREAM_URL: '' });
    expect([code, ok, Object.keys(checks)]).toEqual([1, false, ['configuration', 'git', 'platform']]);
    expect(checks.configuration).toMatchObject({
      status: 'fail',
      found: expect.stringContaining('PULSESTREAM_URL'),
    });
  });

  it('fails for two identities, and names both but no value', async () => {
    const { code, checks, run } = await examine({ PULSESTREAM_IDENTITY_TOKEN_FILE: '/run/token' });
    expect([code, checks.configuration?.status]).toEqual([1, 'fail']);
    expect(checks.configuration?.found).toContain('PULSESTREAM_API_KEY and PULSESTREAM_IDENTITY_TOKEN_FILE');
    expect(run.stdout).not.toContain(machine.apiKey);
  });

  it('fails for a key that the control plane refuses, and prints no part of it', async () => {
    const PULSESTREAM_API_KEY = `psk_${'a1B2'.repeat(11)}`;
    const { code, checks, run } = await examine({ PULSESTREAM_API_KEY });
    expect([code, checks['control plane']?.status, checks.identity?.status]).toEqual([1, 'ok', 'fail']);
    expect(checks.identity?.found).toContain('unauthenticated');
    expect(run.stdout).not.toContain('a1B2a1B2');
  });

  it('fails for a control plane that cannot be reached', async () => {
    const { code, checks } = await examine({ PULSESTREAM_URL: 'http://127.0.0.1:1' });
    expect(code).toBe(1);
    expect(checks['control plane']).toMatchObject({ status: 'fail', found: 'cannot be reached' });
    expect(checks.clock?.status).toBe('warn');
  });

  it('fails for a URL that answers with another status', async () => {
    const { checks } = await examine({ PULSESTREAM_URL: await startControlPlane(404) });
    expect(checks['control plane']).toMatchObject({ status: 'fail', found: 'answers with status 404' });
  });

  it.each([3_600, -3_600])('fails for a clock that differs by %i seconds', async (seconds) => {
    const { code, checks } = await examine({ PULSESTREAM_URL: await startControlPlane(200, seconds) });
    expect([code, checks.clock?.status]).toEqual([1, 'fail']);
    expect(checks.clock?.found).toMatch(/^differs by 3(?:5\d\d|600) s$/);
  });

  it('accepts the clock of a control plane that is right', async () => {
    const { checks } = await examine({ PULSESTREAM_URL: await startControlPlane(200) });
    expect(checks.clock?.status).toBe('ok');
  });

  it('fails without git', async () => {
    const folder = machine.folder('no-programs');
    await mkdir(folder);
    const { code, checks } = await examine({ PATH: folder });
    expect([code, checks.git]).toEqual([1, { status: 'fail', found: 'not found', todo: 'Install git.' }]);
  });

  it('sees whether plain git asks this command, for GitHub’s own host', async () => {
    expect((await examine()).checks.helper?.found).toContain(`git has no helper for ${webUrl}`);
    const configure = (helper: string) =>
      writeFile(path.join(machine.home, '.gitconfig'), `[credential "${webUrl}"]\n\thelper = "${helper}"\n`);
    await configure('store');
    expect((await examine()).checks.helper?.found).toContain('another helper');
    await configure('!pulsestream git-credential');
    expect((await examine()).checks.helper?.found).toBe(`git asks pulsestream for ${webUrl}`);
    await writeFile(path.join(machine.home, '.gitconfig'), '');
  });
});
