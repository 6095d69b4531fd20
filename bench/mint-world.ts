/**
 * Runs the production build with one installation to mint tokens for. GitHub, Redis and PostgreSQL are separate
 * processes.
 */

import { ensureBuild } from '../local/app/build';
import { startAppServer } from '../local/app/server';
import { type Services, startServices } from '../local/services';
import { installDebianPrograms } from '../local/services/debian-programs';
import { startRedisServer } from '../local/services/redis-server';
import type { StandInTask } from './github-stand-in';
import { admin, withDatabase } from './operator';
import { type BenchProcess, startProcess } from './process';

export const INSTALLATION_ID = 52_000_001;

export interface MintWorld {
  appUrl: string;
  appPid: number;
  appLog(): string;
  /** Ends the app immediately, for a bench that leaves much work in its queues. */
  killApp(): Promise<void>;
  apiKey: string;
  services: Services;
  github: {
    url: string;
    pid: number;
    answerAfter(delayMs: number): Promise<void>;
    /** Makes the installations of this range exist. GitHub takes that long to return one. */
    showInstallations(shown: NonNullable<StandInTask['shown']>): Promise<void>;
  };
  octokitServer: { url: string; pid: number };
  load: BenchProcess;
  /** Starts another process of the bench, which ends with this world. */
  start(file: string, env?: Record<string, string>): Promise<BenchProcess>;
  close(): Promise<void>;
}

/**
 * Starts the app and the services it needs.
 *
 * @param extra variables to add to the app's environment
 * @param postgresSettings settings that override PostgreSQL's defaults
 */
export async function startMintWorld(
  extra: Record<string, string> = {},
  postgresSettings: Record<string, string> = {},
): Promise<MintWorld> {
  await ensureBuild({ quiet: true });
  installDebianPrograms();
  const closing: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const each of closing.splice(0).reverse()) await each();
  };
  const start = async (file: string, env?: Record<string, string>): Promise<BenchProcess> => {
    const started = await startProcess(file, env);
    closing.push(started.stop);
    return started;
  };
  try {
    const redis = await startRedisServer();
    closing.push(redis.close);
    const standIn = await start('github-stand-in.ts');
    const { url } = (await standIn.ask({ delayMs: 0 })) as { url: string };
    const services = await startServices({
      port: 3600,
      durable: true,
      postgresSettings,
      env: { ...environment(redis.url, url), ...extra },
    });
    closing.push(services.close);
    const { id, slug, clientId } = services.github.app;
    const listed = { id: INSTALLATION_ID, login: 'acme' };
    await standIn.ask({ delayMs: 0, app: { id, slug, clientId }, listed });
    for (const name of ['UPSTASH_REDIS_REST_URL', 'UPSTASH_REDIS_REST_TOKEN']) delete services.env[name];
    const apiKey = await seedMintable(services.env, services.database.ownerUrl);
    const app = await startAppServer({ mode: 'start', env: services.env });
    closing.push(app.stop);
    const peer = await start('octokit-server.ts', {
      BENCH_GITHUB_URL: url,
      BENCH_APP_ID: String(services.github.app.id),
      BENCH_PRIVATE_KEY: services.github.app.privateKey,
    });
    const { url: peerUrl } = (await peer.ask({})) as { url: string };
    const load = await start('load.ts');
    const answerAfter = async (delayMs: number): Promise<void> => void (await standIn.ask({ delayMs }));
    const showInstallations: MintWorld['github']['showInstallations'] = async (shown) =>
      void (await standIn.ask({ delayMs: 0, shown }));
    return {
      appUrl: app.url,
      appPid: app.pid,
      appLog: app.log,
      killApp: app.kill,
      apiKey,
      services,
      github: { url, pid: standIn.pid, answerAfter, showInstallations },
      octokitServer: { url: peerUrl, pid: peer.pid },
      load,
      start,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function environment(redisUrl: string, githubUrl: string): Record<string, string> {
  return {
    REDIS_URL: redisUrl,
    GITHUB_API_URL: githubUrl,
    // Leave the limit on, but too high to be reached.
    RATE_LIMIT_INTERNAL_PER_MINUTE: '1000000',
    // Turn off the reconcile loop: it needs a list of installations, which the stand-in can't provide.
    RECONCILE_INTERVAL_SECONDS: '0',
    // As docs/operations.md advises where no old pooler is in between.
    DATABASE_PREPARED_STATEMENTS: '1',
    LOG_LEVEL: 'warn',
  };
}

/**
 * Creates a workspace with one active installation and two repositories.
 *
 * @returns the workspace's API key
 */
export async function seedMintable(env: Record<string, string>, ownerUrl: string): Promise<string> {
  await admin(env, ['workspace:create', '--slug', 'acme', '--name', 'Acme', '--owner', 'owner@acme.test']);
  const { key } = await admin(env, ['api-key:create', '--workspace', 'acme', '--name', 'engine']);
  if (key === undefined) throw new Error('no API key');
  await withDatabase(ownerUrl, async (db) => {
    await db.query(
      `INSERT INTO installations (id, workspace_id, account_id, account_login, account_type, repository_selection, bound_at, synced_at)
        SELECT $1::bigint, id, 1, 'acme', 'Organization', 'selected', now(), now() FROM workspaces WHERE slug = 'acme'`,
      [INSTALLATION_ID],
    );
    await db.query(
      `INSERT INTO repositories (id, installation_id, owner, name, clone_url, default_branch, private)
        SELECT n, $1::bigint, 'acme', name, 'https://github.example/acme/' || name || '.git', 'main', true
        FROM unnest(ARRAY['api', 'web']) WITH ORDINALITY AS r(name, n)`,
      [INSTALLATION_ID],
    );
  });
  return key;
}
