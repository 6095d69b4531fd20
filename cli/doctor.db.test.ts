import { execFile } from 'node:child_process';
import { afterAll, expect, it } from 'vitest';
import { assertAppIdentity } from '../lib/db/app-identity';
import { startTestAppServer } from '../lib/testing/test-app-server';
import { connectedScene } from '../lib/testing/test-scene';
import { startTestWorld } from '../lib/testing/test-world';
import { startStore } from '../local/services/store';

const store = await startStore();
afterAll(() => store.close());
const app = await startTestAppServer();
const world = await startTestWorld({
  NEXTAUTH_URL: app.origin,
  REDIS_URL: '',
  UPSTASH_REDIS_REST_URL: store.url,
  UPSTASH_REDIS_REST_TOKEN: store.token,
});
const { environment, github } = world;
github.configureApp({
  webhookUrl: `${app.origin}/api/github/webhooks`,
  setupUrl: `${app.origin}/api/github/setup`,
  callbackUrls: [`${app.origin}/api/github/callback`],
});
await assertAppIdentity();

function doctor(args: string[], changes: Record<string, string> = {}) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', 'cli/doctor.ts', ...args],
      { env: { PATH: process.env.PATH, NODE_ENV: 'test', ...environment, ...changes } },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

const failedIn = (stdout: string): string[] =>
  JSON.parse(stdout)
    .checks.filter(({ status }: { status: string }) => status === 'fail')
    .map(({ id }: { id: string }) => id);

it('exits with 0 and prints the contract’s JSON for a sound environment', async () => {
  const { code, stdout } = await doctor(['--json']);
  const { ok, checks } = JSON.parse(stdout);
  expect([code, ok, failedIn(stdout)]).toEqual([0, true, []]);
  for (const check of checks) {
    expect(Object.keys(check)).toEqual(['id', 'status', 'found', 'todo']);
    expect(check.todo === '').toBe(check.status === 'ok');
  }
});

it('exits with 1 and continues after a database that does not answer, without printing its password', async () => {
  const url = 'postgresql://app:the-password@127.0.0.1:1/none';
  const { code, stdout, stderr } = await doctor(['--json'], { DATABASE_URL: url });
  expect([code, failedIn(stdout)]).toEqual([1, ['database']]);
  expect(stdout).toContain('"database-role","status":"warn","found":"Not checked, because database failed.');
  expect(stdout + stderr).not.toContain('the-password');
});

it('also reads the connections and keys of a workspace, and exits with 1 if one cannot be read', async () => {
  const { slug, installationId } = await connectedScene(world, { account: 'acme', by: 'olivia' });
  const sound = await doctor(['--json', '--workspace', slug]);
  expect(sound.stdout).toContain(`"connection-${installationId}","status":"ok"`);
  expect(sound.stdout).toContain('"api-keys","status":"ok"');
  github.actions.suspend({ installation: installationId });
  const { code, stdout } = await doctor(['--json', '--workspace', slug]);
  expect([code, failedIn(stdout)]).toEqual([1, [`connection-${installationId}`]]);
});

it('names each variable of a configuration that is refused, in a line with what to do', async () => {
  const { code, stdout } = await doctor([], { GITHUB_APP_ID: 'Iv1.abc' });
  expect(code).toBe(1);
  expect(stdout).toMatch(/FAIL {2}configuration .*GITHUB_APP_ID: is a client id/);
  expect(stdout).toContain('→ Correct these variables');
});

it('refuses an option that it does not have', async () => {
  const { code, stderr } = await doctor(['--fix']);
  expect(code).toBe(1);
  expect(stderr).toContain('Usage: npm run doctor');
});
