import { findExpiringKeys } from '../api-keys/read-api-keys';
import { EXPIRY_WARNING_DAYS } from '../contract/credentials';
import { getDb } from '../db/client';
import { type Check, ok, warn } from './check';

/** Finds a workspace's keys that expire soon. Returns no check for an unknown workspace, which another check reports. */
export async function workspaceKeyChecks(slug: string): Promise<Check[]> {
  const workspace = await getDb().workspace.findUnique({
    where: { slug },
    select: { id: true, apiKeysAllowed: true },
  });
  if (workspace === null) return [];
  return [
    {
      id: 'api-keys',
      needs: ['database-migrations'],
      find: () => findKeys(workspace.id, workspace.apiKeysAllowed),
    },
  ];
}

async function findKeys(workspaceId: string, areAllowed: boolean) {
  if (!areAllowed) return ok('The workspace does not allow API keys.');
  const expiring = await findExpiringKeys(workspaceId);
  if (expiring.length === 0) return ok(`No API key in use expires within ${EXPIRY_WARNING_DAYS} days.`);
  const named = expiring.map(({ id, name, expires_at }) => `"${name}" (${id}) on ${expires_at.slice(0, 10)}`);
  return warn(
    `API keys expire soon: ${named.join(', ')}.`,
    'One of the workspace’s admins rotates each key that is still needed.',
  );
}
