/** Starts the services that the app needs on this machine: PostgreSQL, a store and a GitHub. All start empty. */

import { type OfflineGitHub, startOfflineGitHub } from 'offline-github';
import { findFreePort } from '../process/free-port';
import { newEvidenceKey } from './evidence-key';
import type { Database } from './postgres/databases';
import { joinPostgres, type Postgres, type SharedPostgres, startPostgres } from './postgres/server';
import { localSecret } from './secret';
import { type Store, startStore } from './store';

export interface ServicesOptions {
  environment?: 'dev' | 'demo';
  /** The port of the app. If it is taken, the next free one is used. */
  port?: number;
  /** The port of the local GitHub. By default any free port. */
  githubPort?: number;
  /** A PostgreSQL that is already running, to create the database in. Starting a new server would take seconds. */
  postgres?: SharedPostgres;
  /** Runs PostgreSQL with fsync, for measurements. */
  durable?: boolean;
  /** Settings of the PostgreSQL that is started. They override the defaults. */
  postgresSettings?: Record<string, string>;
  /** Variables to add to the app's environment. They override the defaults. */
  env?: Record<string, string>;
}

export interface Services {
  /** The complete environment of the app's process. */
  env: Record<string, string>;
  appUrl: string;
  port: number;
  postgres: Omit<Postgres, 'kill'>;
  database: Database;
  store: Store;
  github: OfflineGitHub;
  /** Stops all services. Stop the app first. Further calls have no effect. */
  close(): Promise<void>;
}

/**
 * Starts all services, with no data from earlier runs. The local GitHub loses its installations when it ends, so a
 * database from an earlier run would show connections that no longer exist.
 */
export async function startServices(options: ServicesOptions = {}): Promise<Services> {
  const port = await findFreePort(options.port ?? 3000);
  const appUrl = `http://localhost:${port}`;
  const started: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    const failures: unknown[] = [];
    // If one service fails to close, such as a GitHub with complaints, still close the others.
    for (const service of started.splice(0).reverse())
      await service.close().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  try {
    const [postgres, store, github] = await Promise.all([
      track(
        started,
        databaseServer(options).then((server) => Object.assign(server, { close: server.stop })),
      ),
      track(started, startStore()),
      track(
        started,
        startOfflineGitHub({
          ...(options.githubPort ? { port: options.githubPort } : {}),
          app: appOn(appUrl),
        }),
      ),
    ]);
    const database = await postgres.createMigratedDatabase('pulsestream');
    const env = { ...environmentOf({ options, port, appUrl, database, store, github }), ...options.env };
    return { env, appUrl, port, postgres, database, store, github, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function databaseServer({
  postgres,
  durable = false,
  postgresSettings: settings = {},
}: ServicesOptions): Promise<Services['postgres']> {
  return postgres === undefined ? startPostgres({ durable, settings }) : joinPostgres(postgres);
}

/** Returns the GitHub App's settings: its name, and URLs that point to the app. */
export function appOn(appUrl: string) {
  return {
    slug: 'pulsestream-local',
    name: 'PulseStream Local',
    webhookUrl: `${appUrl}/api/github/webhooks`,
    setupUrl: `${appUrl}/api/github/setup`,
    callbackUrls: [`${appUrl}/api/github/callback`],
  };
}

/** Waits for a service to start and records it, so it gets closed if another service fails to start. */
async function track<T extends { close(): Promise<void> }>(
  started: { close(): Promise<void> }[],
  starting: Promise<T>,
): Promise<T> {
  const service = await starting;
  started.push(service);
  return service;
}

interface Parts extends Pick<Services, 'port' | 'appUrl' | 'database'> {
  options: Pick<ServicesOptions, 'environment'>;
  store: Pick<Store, 'url' | 'token'>;
  github: Pick<OfflineGitHub, 'app' | 'apiUrl' | 'webUrl'>;
}

/** Returns the complete environment of an app that uses these services. */
export function environmentOf({
  options,
  port,
  appUrl,
  database,
  store,
  github,
}: Parts): Record<string, string> {
  const { app } = github;
  return {
    PULSESTREAM_ENV: options.environment ?? 'demo',
    // Listen on loopback only: anyone who can reach this app can sign in with just an email address.
    HOSTNAME: '127.0.0.1',
    PORT: String(port),
    DATABASE_URL: database.appUrl,
    MIGRATION_DATABASE_URL: database.ownerUrl,
    UPSTASH_REDIS_REST_URL: store.url,
    UPSTASH_REDIS_REST_TOKEN: store.token,
    NEXTAUTH_URL: appUrl,
    NEXTAUTH_SECRET: localSecret(),
    AUTH_DEV_LOGIN: '1',
    OPERATOR_EMAILS: 'operator@acme.test',
    TRUST_HOSTING: 'Example: AWS, Frankfurt',
    TRUST_DELETION: 'Example: within 30 days',
    TRUST_CONTACT: 'trust@pulsestream.test',
    SECURITY_CONTACT: 'security@pulsestream.test',
    GITHUB_APP_ID: String(app.id),
    GITHUB_APP_SLUG: app.slug,
    GITHUB_APP_CLIENT_ID: app.clientId,
    GITHUB_APP_CLIENT_SECRET: app.clientSecret,
    GITHUB_APP_PRIVATE_KEY: app.privateKey,
    GITHUB_WEBHOOK_SECRET: app.webhookSecret,
    GITHUB_API_URL: github.apiUrl,
    GITHUB_WEB_URL: github.webUrl,
    CRON_SECRET: localSecret(),
    METRICS_TOKEN: localSecret(),
    EVIDENCE_SIGNING_KEY: newEvidenceKey(),
  };
}
