/** Takes away what every request needs: the database's connections, or the webhook secrets. */
import { inject } from 'vitest';
import { getConfig, replaceConfig } from '@/lib/config';
import type { TestWorld } from '@/lib/testing/test-world';
import { runAsSuperuser } from '@/local/services/postgres/databases';

/** Sets how many connections the app may have, where -1 stands for any number, and ends those that it has. */
export async function allowConnections({ environment }: TestWorld, limit: number): Promise<void> {
  const databaseName = new URL(environment.DATABASE_URL ?? '').pathname.slice(1);
  await runAsSuperuser(inject('postgres').server, async (superuser) => {
    await superuser.query(
      `ALTER DATABASE ${superuser.escapeIdentifier(databaseName)} CONNECTION LIMIT ${limit}`,
    );
    await superuser.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = $1 AND application_name = 'pulsestream'`,
      [databaseName],
    );
  });
}

/** Replaces the key that signs evidence packs. */
export function useSigningKey(signingKey: string | undefined): void {
  const config = getConfig();
  replaceConfig({ ...config, evidence: { ...config.evidence, signingKey } });
}

/** Replaces the secrets by which deliveries are verified. */
export function useWebhookSecrets(webhookSecrets: string[]): void {
  const config = getConfig();
  replaceConfig({ ...config, github: { ...config.github, webhookSecrets } });
}
