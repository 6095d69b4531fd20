import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { createControlClient } from 'offline-github';
import { startAppServer } from '../../local/app/server';
import { HttpBrowser } from '../../local/clients/http-browser';
import { connectGitHub, createWorkspace, signIn } from '../../local/demo/customer';
import { readCompose } from '../../local/deploy/compose';
import {
  isHealthy,
  processOf,
  runRolesSql,
  runToEnd,
  startProcess,
} from '../../local/deploy/compose-processes';
import { findFreePort, OWN_PORTS } from '../../local/process/free-port';
import { startPostgres } from '../../local/services/postgres/server';
import { findRedisServer, startRedisServer } from '../../local/services/redis-server';
import { mintInternal } from './own-server';

test('compose.yaml comes up to a working Connect, and keeps it over a restart', async () => {
  test.skip(findRedisServer() === undefined, 'neither redis-server nor valkey-server is installed');
  const folder = await mkdtemp(path.join(tmpdir(), 'pulsestream-compose-'));
  const [postgres, redis] = await Promise.all([startPostgres(), startRedisServer()]);
  const stops: (() => Promise<unknown>)[] = [];
  try {
    await runRolesSql(postgres);
    const port = await findFreePort(OWN_PORTS);
    const githubPort = await findFreePort(port + 1);
    const compose = readCompose({ PORT: String(port), GITHUB_PORT: String(githubPort) });
    const addresses = {
      'postgres:5432': `127.0.0.1:${postgres.server.port}`,
      'valkey:6379': new URL(redis.url).host,
    };
    const service = (name: string, args?: string[]) => processOf(compose, name, { folder, addresses }, args);

    const up = async () => {
      const migrated = await runToEnd(service('migrate'));
      const github = startProcess(service('github'));
      stops.push(github.stop);
      await expect.poll(() => isHealthy(service('github'))).toBe(true);
      const { command, env, cwd } = service('app');
      const inFolder = ['sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', cwd, ...command] as const;
      const app = await startAppServer({ mode: 'start', env, command: [...inFolder] });
      stops.push(app.stop);
      expect(await isHealthy(service('app'))).toBe(true);
      return { migrated, github, app };
    };

    const first = await up();
    expect(first.migrated).toContain('pulsestream_app');
    const { NEXTAUTH_URL: appUrl = '', GITHUB_WEB_URL: githubUrl = '' } = service('app').env;
    const control = createControlClient(githubUrl);
    const { repositories } = await control.state();
    const browser = new HttpBrowser();
    await signIn(browser, appUrl);
    await createWorkspace(browser);
    const repositoryByName = (name: string) => repositories.find(({ fullName }) => fullName === name);
    await connectGitHub(browser, { github: { app: await control.app(), state: { repositoryByName } } }, [
      'acme/api',
    ]);
    const created = await runToEnd(
      service('app', ['cli/admin.mjs', 'api-key:create', '--workspace', 'acme', '--name', 'engine']),
    );
    const { key } = JSON.parse(created);
    const mint = async () =>
      (await mintInternal(appUrl, key, { body: { repositories: ['acme/api'], verify: true } })).status;
    expect(await mint()).toBe(201);
    expect(await runToEnd(service('app', ['cli/doctor.mjs']))).not.toMatch(/^fail/im);

    await first.app.stop();
    expect(await first.github.stop()).toBe(0);
    const second = await up();
    expect(second.migrated).toContain('nothing to apply');
    expect(await mint()).toBe(201);
  } finally {
    for (const stop of stops.reverse()) await stop();
    await Promise.all([postgres.stop(), redis.close()]);
    await rm(folder, { recursive: true, force: true });
  }
});
