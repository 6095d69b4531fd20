import { expect } from '@playwright/test';
import type { OfflineGitHub } from 'offline-github';
import pg from 'pg';
import { connectAccount } from '../../local/clients/connect-account';
import type { Customer, OwnServer } from './own-server';

/**
 * Connects an account to the customer's workspace through the real pages. Waits until GitHub's webhooks are delivered
 * and no sync is pending or running.
 *
 * @param login the GitHub user who installs the App
 * @param repositories the names of the repositories to share
 * @returns the installation's id
 */
export async function connectedCustomer(
  server: OwnServer,
  { slug, ownerId }: Pick<Customer, 'slug' | 'ownerId'>,
  login: string,
  account: string,
  repositories: readonly string[] = ['api', 'web'],
): Promise<number> {
  const { github, appUrl, env } = server.services;
  await connectAccount({
    appUrl,
    secret: env.NEXTAUTH_SECRET ?? '',
    userId: ownerId,
    slug,
    appName: github.app.name,
    login,
    account,
    repositoryIds: repositories.map((name) => github.state.repositoryByName(`${account}/${name}`)?.id ?? 0),
  });
  const installation = [...github.state.installations.values()].at(-1);
  if (!installation) throw new Error('no installation');
  await github.flush();
  await settled(server);
  return installation.id;
}

async function settled({ services }: OwnServer): Promise<void> {
  const database = new pg.Client(services.database.ownerUrl);
  await database.connect();
  try {
    const underWay = async () => {
      const { rowCount } = await database.query(
        'SELECT FROM installations WHERE sync_requested_at IS NOT NULL OR sync_lease IS NOT NULL',
      );
      return rowCount;
    };
    await expect.poll(underWay).toBe(0);
  } finally {
    await database.end();
  }
}

/**
 * Counts the tokens that the app requested on behalf of customers. A sync can request a token at any time, but never
 * with `contents`, so tokens without `contents` aren't counted.
 */
export function customersMints({ requests }: OfflineGitHub): number {
  return requests
    .filter({ route: 'POST /app/installations/{installation_id}/access_tokens' })
    .filter(({ body }) => JSON.stringify(body).includes('"contents"')).length;
}
