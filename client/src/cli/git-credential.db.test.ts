import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { BINARY, startMachine } from './test-machine.js';

const machine = await startMachine(['acme/api', 'acme/web']);
const { github } = machine.world;
const host = new URL(github.webUrl).host;

const HELPER = `!'${process.execPath}' '${BINARY}' git-credential`;
/** The configuration that the README tells users to set. */
const OURS = [
  '-c',
  'credential.helper=',
  '-c',
  `credential.helper=${HELPER}`,
  '-c',
  'credential.useHttpPath=true',
];

const ask = (attributes: Record<string, string>, operation = 'get') =>
  machine.pulsestream(['git-credential', operation], {
    input: `${Object.entries(attributes)
      .map(([key, value]) => `${key}=${value}\n`)
      .join('')}\n`,
  });

/** True from git 2.46 on, which takes a ready-made header from a helper. */
async function takesHeader(): Promise<boolean> {
  const { stdout } = await machine.git(['version']);
  return Number(/^git version 2\.(\d+)/.exec(stdout)?.[1]) >= 46;
}

const mints = () =>
  github.requests.filter({ route: 'POST /app/installations/{installation_id}/access_tokens' });

it('gives git two tokens for two repositories in one process, each for its own', async () => {
  const folder = machine.folder('two');
  await machine.git(['init', '--quiet', folder]);
  for (const name of ['api', 'web'])
    await machine.git(['-C', folder, 'remote', 'add', name, `${github.webUrl}/acme/${name}.git`]);
  github.requests.clear();
  const run = await machine.git([...OURS, '-C', folder, 'fetch', '--all', '--quiet']);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  const scopes = mints().map(({ body }) => (body as { repository_ids: number[] }).repository_ids);
  const ids = ['acme/api', 'acme/web'].map((name) => github.state.repositoryByName(name)?.id);
  expect(scopes.toSorted()).toEqual(ids.map((id) => [id]).toSorted());
});

it('lets git read, and GitHub refuses the push', async () => {
  const folder = machine.folder('push');
  expect(
    await machine.git([...OURS, 'clone', '--quiet', `${github.webUrl}/acme/api.git`, folder]),
  ).toMatchObject({
    code: 0,
  });
  const who = ['-c', 'user.name=x', '-c', 'user.email=x@example.test'];
  await machine.git(['-C', folder, ...who, 'commit', '--quiet', '--allow-empty', '-m', 'x']);
  const before = await github.headOf('acme/api');
  const push = await machine.git([...OURS, '-C', folder, 'push', '--quiet', 'origin', 'HEAD:main']);
  expect(push.code).not.toBe(0);
  expect(push.stderr).toContain('Write access to repository not granted');
  expect(await github.headOf('acme/api')).toBe(before);
});

it('answers without a path with a token for all that the caller may read', async () => {
  const { code, stdout } = await ask({ protocol: 'http', host });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^username=x-access-token\npassword=ghs_\S+\npassword_expiry_utc=\d+\n\n$/);
});

it.each<[string, Record<string, string>]>([
  ['another host', { protocol: 'http', host: 'evil.example', path: 'acme/api.git' }],
  [
    'a host that only begins like GitHub’s',
    { protocol: 'http', host: `${host}.evil.example`, path: 'acme/api.git' },
  ],
  ['a host behind an at sign', { protocol: 'http', host: `${host}@evil.example`, path: 'acme/api.git' }],
  ['a host with a trailing dot', { protocol: 'http', host: host.replace(':', '.:'), path: 'acme/api.git' }],
  ['another port', { protocol: 'http', host: 'localhost:1', path: 'acme/api.git' }],
  ['another protocol', { protocol: 'https', host, path: 'acme/api.git' }],
  ['another account', { protocol: 'http', host, path: 'globex/reactor.git' }],
  ['a repository outside the key', { protocol: 'http', host, path: 'acme/infra.git' }],
  ['a path that is no repository', { protocol: 'http', host, path: 'acme/api.git/../../globex/reactor.git' }],
  ['another user', { protocol: 'http', host, path: 'acme/api.git', username: 'olivia' }],
  ['no host at all', { protocol: 'http' }],
  ['a carriage return', { protocol: 'http', host: `${host}\r`, path: 'acme/api.git' }],
  ['a NUL', { protocol: 'http', host: `${host}\0.evil.example`, path: 'acme/api.git' }],
])('prints nothing and mints nothing for %s', async (_, attributes) => {
  github.requests.clear();
  const { code, stdout, stderr } = await ask(attributes);
  expect([code, stdout]).toEqual([0, '']);
  expect(stderr).toMatch(/^pulsestream: no answer to git: .+\n$/);
  expect(mints()).toEqual([]);
});

it('compares host and repository without regard to case, as GitHub does', async () => {
  const { stdout } = await ask({ protocol: 'http', host: host.toUpperCase(), path: 'ACME/Api.git' });
  expect(stdout).toContain('\npassword=ghs_');
});

it.each(['store', 'erase', 'capability', 'unknown'])(
  'does nothing for the operation %s',
  async (operation) => {
    github.requests.clear();
    const attributes = {
      protocol: 'http',
      host,
      path: 'acme/api.git',
      username: 'x-access-token',
      password: 'x',
    };
    expect(await ask(attributes, operation)).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(mints()).toEqual([]);
  },
);

it('leaves nothing in a store that the user has configured', async () => {
  const store = path.join(machine.home, 'credentials');
  await writeFile(
    path.join(machine.home, '.gitconfig'),
    `[credential]\n\thelper = store --file ${store}\n[credential "${github.webUrl}"]\n\thelper = store --file ${store}\n`,
  );
  await writeFile(store, '');
  const clone = ['clone', '--quiet', `${github.webUrl}/acme/api.git`];
  const kept = await machine.git(['-c', `credential.helper=${HELPER}`, ...clone, machine.folder('kept')]);
  expect(kept.code).toBe(0);
  // Without the empty helper, the store receives what git has: a token, or a header that it does not keep.
  expect(await readFile(store, 'utf8')).toMatch((await takesHeader()) ? /^$/ : /x-access-token:ghs_/);
  // The store does keep a password that git has: the test would notice.
  const password = `protocol=http\nhost=${host}\nusername=x-access-token\npassword=ghs_kept\n\n`;
  await machine.git(['credential', 'approve'], { input: password });
  expect(await readFile(store, 'utf8')).toContain('x-access-token:ghs_kept');
  await writeFile(store, '');
  expect((await machine.git([...OURS, ...clone, machine.folder('not-kept')])).code).toBe(0);
  expect(await readFile(store, 'utf8')).toBe('');
  await writeFile(path.join(machine.home, '.gitconfig'), '');
});

it('gives git the form that its version takes, and no password to one that takes a header', async () => {
  const { stdout } = await machine.git([...OURS, 'credential', 'fill'], {
    input: `capability[]=authtype\nprotocol=http\nhost=${host}\npath=acme/api.git\n\n`,
  });
  if (!(await takesHeader())) expect(stdout).toMatch(/^password=ghs_/m);
  else {
    expect(stdout).toMatch(/^authtype=Basic$/m);
    expect(stdout).toMatch(/^ephemeral=1$/m);
    expect(stdout).not.toContain('ghs_');
    const header = /^credential=(.+)$/m.exec(stdout)?.[1] ?? '';
    expect(Buffer.from(header, 'base64').toString()).toMatch(/^x-access-token:ghs_/);
  }
});

it('hears of the end from no git: of success it hears “store”, of a rejection “erase”', async () => {
  const heard = path.join(machine.home, 'heard');
  const listener = ['-c', `credential.helper=!f() { echo $1 >>'${heard}'; }; f`];
  const list = ['ls-remote', `${github.webUrl}/acme/api.git`];
  const hear = async () => {
    const said = (await readFile(heard, 'utf8')).trim().split('\n');
    await rm(heard);
    return said;
  };
  expect((await machine.git([...OURS, ...listener, ...list])).code).toBe(0);
  expect(await hear()).toEqual(expect.arrayContaining(['store']));
  const rejected = `!f() { test $1 != get || printf 'username=x-access-token\\npassword=ghs_%040d\\n' 0; }; f`;
  const wrong = ['-c', 'credential.helper=', '-c', `credential.helper=${rejected}`, ...listener, ...list];
  expect((await machine.git(wrong, { env: { GIT_TERMINAL_PROMPT: '0' } })).code).not.toBe(0);
  expect(await hear()).toContain('erase');
});

it('prints no token, and says why, if the control plane refuses the key', async () => {
  const { code, stdout, stderr } = await machine.pulsestream(['git-credential', 'get'], {
    env: { PULSESTREAM_API_KEY: `${machine.apiKey.slice(0, -1)}x` },
    input: `protocol=http\nhost=${host}\npath=acme/api.git\n\n`,
  });
  expect([code, stdout]).toEqual([77, '']);
  expect(stderr).toContain('unauthenticated');
  expect(stderr).not.toContain(machine.apiKey.slice(0, -1));
});
