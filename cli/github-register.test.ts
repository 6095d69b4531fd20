import { spawn } from 'node:child_process';
import { createDecipheriv } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { parseEnv } from 'node:util';
import { startOfflineGitHub } from 'offline-github';
import { afterAll, expect, it, onTestFinished, vi } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { parseConfig } from '../lib/config';
import { createSigners, pemSigner } from '../lib/github/signers';
import { HttpBrowser } from '../local/clients/http-browser';
import { canMakeCertificate, makeCertificate } from '../local/services/certificate';
import { startInterceptingProxy } from '../local/services/intercepting-proxy';
import { startLocalKms } from '../local/services/kms';
import { importKey, readAppKey } from './import-key';
import { runHere } from './test-admin';

const github = await startOfflineGitHub();
afterAll(() => github.close());
const kms = await startLocalKms({});
afterAll(() => kms.close());
const folder = await mkdtemp(path.join(tmpdir(), 'github-register-'));
afterAll(() => rm(folder, { recursive: true }));

/** The variables that have nothing to do with GitHub. */
const REST = {
  DATABASE_URL: 'postgresql://app@localhost/db',
  REDIS_URL: 'redis://localhost',
  NEXTAUTH_URL: 'http://localhost:3000',
  NEXTAUTH_SECRET: 'a secret of thirty-two bytes or more',
  PULSESTREAM_ENV: 'dev',
  AUTH_DEV_LOGIN: '1',
};

/** Leads commands that run in this process to the local KMS. */
function configureKms(): void {
  for (const [name, value] of Object.entries(kms.environment)) vi.stubEnv(name, value);
}

/** Runs the CLI without any configuration, as an operator does before there is an App. */
function register(...args: string[]) {
  return registerAt(github.apiUrl, {}, ...args);
}

function registerAt(apiUrl: string, environment: Record<string, string>, ...args: string[]) {
  const child = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      'cli/admin.ts',
      'github:register',
      '--web-url',
      github.webUrl,
      '--api-url',
      apiUrl,
      ...args,
    ],
    { env: { PATH: `${folder}:${process.env.PATH}`, NODE_ENV: 'test', ...kms.environment, ...environment } },
  );
  onTestFinished(() => void child.kill());
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  const address = new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
      const [found] = /http:\/\/127\.0\.0\.1:\d+\/[\w-]+/.exec(stderr) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.on('exit', () => reject(new Error(stderr)));
  });
  return { address, ended: once(child, 'exit'), child, output: () => ({ stdout, stderr }) };
}

/** Clicks through GitHub's pages until the command ends. */
async function finish(cli: ReturnType<typeof register>): Promise<number> {
  const browser = new HttpBrowser();
  await browser.open(`${github.webUrl}/login`);
  await browser.press('Sign in as olivia');
  const local = await cli.address;

  await browser.open(new URL('/created?code=forged&state=forged', local).href);
  expect(browser.status).toBe(404);
  await browser.open(local);
  await browser.press('Go to GitHub');
  await browser.press('Create GitHub App for olivia');
  expect([browser.status, browser.text]).toEqual([200, expect.stringContaining('Done')]);
  return (await cli.ended)[0];
}

const NAMED = ['--name', 'PulseStream', '--url', 'https://pulsestream.test/'];

it('registers an App with two read permissions and prints the required configuration', async () => {
  const cli = register('--name', 'PulseStream (staging)', '--url', 'https://staging.pulsestream.test/');
  expect(await finish(cli)).toBe(0);

  const variables = JSON.parse(cli.output().stdout);
  expect(github.app).toMatchObject({
    permissions: { contents: 'read', metadata: 'read' },
    webhookUrl: 'https://staging.pulsestream.test/api/github/webhooks',
    setupUrl: 'https://staging.pulsestream.test/api/github/setup',
    callbackUrls: ['https://staging.pulsestream.test/api/github/callback'],
    setupOnUpdate: true,
  });
  expect(parseConfig({ ...REST, ...variables }).github).toMatchObject({
    appId: github.app.id,
    appSlug: github.app.slug,
  });
  expect(cli.output().stderr).not.toMatch(/PRIVATE KEY|code=/);
});

it.skipIf(!canMakeCertificate())(
  'gets the secrets through HTTPS_PROXY (skipped without openssl)',
  async () => {
    const files = makeCertificate(folder, ['ghes.test']);
    const proxy = await startInterceptingProxy(files, { 'ghes.test': github.apiUrl });
    const environment = { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: files.certificate };
    const cli = registerAt(
      github.apiUrl.replace(/^http:\/\/[^/]+/, 'https://ghes.test'),
      environment,
      ...NAMED,
    );
    expect(await finish(cli)).toBe(0);
    expect(proxy.requests).toEqual([
      expect.stringMatching(/^POST ghes\.test\/.*app-manifests\/[^/]+\/conversions$/),
    ]);
    await proxy.close();
  },
);

it('refuses a name that GitHub would refuse', async () => {
  const args = ['--name', 'x'.repeat(35), '--url', 'https://pulsestream.test'];
  const { code, stderr } = await runHere('github:register', ...args);
  expect(code).toBe(1);
  expect(stderr).toContain('--name');
});

it('writes a file that only its owner can read and that the app accepts, and prints no secret', async () => {
  const output = path.join(folder, 'app.env');
  const cli = register(...NAMED, '--output', output);
  expect(await finish(cli)).toBe(0);
  expect((await stat(output)).mode & 0o777).toBe(0o600);
  const content = await readFile(output, 'utf8');
  expect(parseConfig({ ...REST, ...parseEnv(content) }).github).toMatchObject({
    apiUrl: github.apiUrl,
    appId: github.app.id,
    clientSecret: github.app.clientSecret,
    webhookSecrets: [github.app.webhookSecret],
  });
  expect(JSON.parse(cli.output().stdout)).toEqual({
    GITHUB_APP_ID: String(github.app.id),
    GITHUB_APP_SLUG: github.app.slug,
    GITHUB_APP_CLIENT_ID: github.app.clientId,
    GITHUB_WEB_URL: github.webUrl,
    GITHUB_API_URL: github.apiUrl,
    file: output,
  });

  const again = await runHere('github:register', ...NAMED, '--output', output);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('exists')]);
});

it.each(['no-such-folder/app.env', 'dangling.env'])(
  'refuses a file that cannot be created, before an App is registered: %s',
  async (name) => {
    const output = path.join(folder, name);
    if (name === 'dangling.env') await symlink(path.join(folder, 'no-such-folder', 'app.env'), output);
    const { code, stderr } = await runHere('github:register', ...NAMED, '--output', output);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/exists|cannot be created \(ENOENT\)/)]);
  },
);

it('names the App, and shows no secret, if the file cannot be written after all', async () => {
  const output = path.join(folder, 'taken.env');
  const cli = register(...NAMED, '--output', output);
  await cli.address;
  await writeFile(output, 'by somebody else');
  expect(await finish(cli)).toBe(1);
  const { stdout, stderr } = cli.output();
  expect(JSON.parse(stdout)).toEqual({
    GITHUB_APP_ID: String(github.app.id),
    GITHUB_APP_SLUG: github.app.slug,
    GITHUB_APP_CLIENT_ID: github.app.clientId,
    GITHUB_WEB_URL: github.webUrl,
    GITHUB_API_URL: github.apiUrl,
  });
  expect(stderr).toContain('The App is registered, but its secrets were not written');
  expect(await readFile(output, 'utf8')).toBe('by somebody else');
  for (const secret of [github.app.clientSecret, github.app.webhookSecret, 'PRIVATE KEY'])
    expect(stdout + stderr).not.toContain(secret);
});

it('gives its form and state only to a browser that has the address from the terminal', async () => {
  const cli = register(...NAMED);
  const local = new URL(await cli.address);
  const { port, host, pathname: form } = local;
  /** Requests a target as it is written, under any name. */
  const ask = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const sent = request({ port, host: '127.0.0.1', path, method, headers: { host, ...headers } }).end();
    const [response] = await once(sent, 'response');
    return { status: response.statusCode, headers: response.headers, body: await text(response) };
  };
  const { status, headers, body } = await ask(form);
  expect([status, body]).toEqual([200, expect.stringContaining('Go to GitHub')]);
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
    'cross-origin-resource-policy': 'same-origin',
  });
  expect(headers).not.toHaveProperty('access-control-allow-origin');

  const [, state = ''] = /state=([\w-]{43})/.exec(body) ?? [];
  expect(state).not.toBe('');
  // No request of these may read the state or end the command.
  const refused = [
    await ask('/'),
    await ask('//'),
    await ask(`${form.slice(0, -1)}_`),
    await ask(form, { host: `rebound.test:${port}` }),
    await ask(form, { host: `localhost:${port}` }),
    await ask(`/created?code=forged&state=${'%C3%A9'.repeat(43)}`),
    await ask(`/created?code=forged&state=${form.slice(1)}`),
    await ask(`/created?code=forged&state=${state}`, { host: `rebound.test:${port}` }),
    await ask(`/created?code=forged&state=${state}`, {}, 'POST'),
  ];
  for (const answer of refused) {
    expect(answer.status).toBe(404);
    expect(answer.body + JSON.stringify(answer.headers)).not.toContain(state);
  }
  expect(cli.output()).toEqual({ stdout: '', stderr: expect.not.stringContaining(state) });
  expect(await finish(cli)).toBe(0);
});

it('listens on loopback only', async () => {
  const cli = register(...NAMED);
  const { port } = new URL(await cli.address);
  const others = Object.values(networkInterfaces())
    .flatMap((addresses = []) => addresses)
    .filter(({ internal, family }) => !internal && family === 'IPv4');
  for (const { address } of others)
    await expect(fetch(`http://${address}:${port}/`)).rejects.toMatchObject({
      cause: { code: 'ECONNREFUSED' },
    });
});

it('puts the key into KMS, and the other secrets through SOPS, so that none is on disk in clear', async () => {
  // Stands in for SOPS, which needs a key service: it encrypts standard input to the test's own key.
  const program = path.join(folder, 'sops');
  await writeFile(
    program,
    `#!${process.execPath}
const { createCipheriv } = require('node:crypto');
const cipher = createCipheriv('aes-256-ctr', Buffer.alloc(32, 7), Buffer.alloc(16));
const text = require('node:fs').readFileSync(0);
console.log('data: ' + Buffer.concat([cipher.update(text), cipher.final()]).toString('base64') + '\\nsops: {}\\n# ' + process.argv.slice(2).join(' '));
`,
  );
  await chmod(program, 0o755);
  const output = path.join(folder, 'app.yaml');
  const sealed = ['--output', output, '--encrypt', 'sops', '--kms-alias', 'alias/registered'];
  const cli = register(...NAMED, ...sealed);
  expect(await finish(cli)).toBe(0);

  const { stdout } = cli.output();
  expect(JSON.parse(stdout)).toMatchObject({
    GITHUB_APP_KMS_KEY_ID: expect.stringMatching(/^arn:aws:kms:/),
    file: output,
  });
  const content = await readFile(output, 'utf8');
  const { clientSecret, webhookSecret } = github.app;
  for (const secret of [clientSecret, webhookSecret, 'PRIVATE KEY'])
    expect(content + stdout).not.toContain(secret);
  expect(content).toContain(`--filename-override ${output}`);

  const decipher = createDecipheriv('aes-256-ctr', Buffer.alloc(32, 7), Buffer.alloc(16));
  const [, data = ''] = /^data: (.*)$/m.exec(content) ?? [];
  expect(parseYaml(decipher.update(Buffer.from(data, 'base64')).toString())).toEqual({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'pulsestream' },
    type: 'Opaque',
    stringData: { GITHUB_APP_CLIENT_SECRET: clientSecret, GITHUB_WEBHOOK_SECRET: webhookSecret },
  });
  const [sign] = createSigners({ kind: 'kms', keyIds: ['alias/registered'] });
  configureKms();
  expect(await sign?.('text')).toEqual(await pemSigner(github.app.privateKey)('text'));
});

it('refuses an alias that has a key already, before an App is registered', async () => {
  configureKms();
  await importKey(readAppKey(github.app.privateKey), 'alias/taken');
  const { code, stderr } = await runHere('github:register', ...NAMED, '--kms-alias', 'alias/taken');
  expect([code, stderr]).toEqual([1, expect.stringContaining('alias/taken has a key')]);
});

it('refuses a KMS that it cannot ask, before an App is registered', async () => {
  configureKms();
  kms.refuse('ListAliases');
  const { code, stderr } = await runHere('github:register', ...NAMED, '--kms-alias', 'alias/unknown');
  expect([code, stderr]).toEqual([1, expect.stringMatching(/kms:ListAliases.*AccessDenied/)]);
});

it('refuses SOPS where it is missing, before an App is registered', async () => {
  const output = path.join(folder, 'other.yaml');
  vi.stubEnv('PATH', folder);
  await rm(path.join(folder, 'sops'), { force: true });
  const { code, stderr } = await runHere(
    'github:register',
    ...NAMED,
    '--output',
    output,
    '--encrypt',
    'sops',
  );
  expect([code, stderr]).toEqual([1, expect.stringContaining('sops (3.9 or newer) is not on this machine')]);
});
