import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startOfflineGitHub } from 'offline-github';
import { afterAll, expect, it } from 'vitest';
import { parseConfig } from '../lib/config';
import { HttpBrowser } from '../local/clients/http-browser';
import { runHere } from './test-admin';

const github = await startOfflineGitHub();
afterAll(() => github.close());

/** Runs the CLI without any configuration, as an operator does before there is an App. */
function register(...args: string[]) {
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
      github.apiUrl,
      ...args,
    ],
    { env: { PATH: process.env.PATH, NODE_ENV: 'test' } },
  );
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  const address = new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
      const [found] = /http:\/\/127\.0\.0\.1:\d+\//.exec(stderr) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.on('exit', () => reject(new Error(stderr)));
  });
  return { address, ended: once(child, 'exit'), child, output: () => ({ stdout, stderr }) };
}

it('registers an App with two read permissions and prints the required configuration', async () => {
  const cli = register('--name', 'PulseStream (staging)', '--url', 'https://staging.pulsestream.test/');
  const browser = new HttpBrowser();
  await browser.open(`${github.webUrl}/login`);
  await browser.press('Sign in as olivia');
  const local = await cli.address;

  await browser.open(`${local}created?code=forged&state=forged`);
  expect(browser.status).toBe(404);
  await browser.open(local);
  await browser.press('Go to GitHub');
  await browser.press('Create GitHub App for olivia');
  expect([browser.status, browser.text]).toEqual([200, expect.stringContaining('Done')]);
  expect((await cli.ended)[0]).toBe(0);

  const variables = JSON.parse(cli.output().stdout);
  expect(github.app).toMatchObject({
    permissions: { contents: 'read', metadata: 'read' },
    webhookUrl: 'https://staging.pulsestream.test/api/github/webhooks',
    setupUrl: 'https://staging.pulsestream.test/api/github/setup',
    callbackUrls: ['https://staging.pulsestream.test/api/github/callback'],
    setupOnUpdate: true,
  });
  const rest = {
    DATABASE_URL: 'postgresql://app@localhost/db',
    REDIS_URL: 'redis://localhost',
    NEXTAUTH_URL: 'http://localhost:3000',
    NEXTAUTH_SECRET: 'a secret of thirty-two bytes or more',
    PULSESTREAM_ENV: 'dev',
    AUTH_DEV_LOGIN: '1',
  };
  expect(parseConfig({ ...rest, ...variables }).github).toMatchObject({
    appId: github.app.id,
    appSlug: github.app.slug,
  });
  expect(cli.output().stderr).not.toMatch(/PRIVATE KEY|code=/);
});

it('refuses a name that GitHub would refuse', async () => {
  const args = ['--name', 'x'.repeat(35), '--url', 'https://pulsestream.test'];
  const { code, stderr } = await runHere('github:register', ...args);
  expect(code).toBe(1);
  expect(stderr).toContain('--name');
});
