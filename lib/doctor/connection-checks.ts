import { randomUUID } from 'node:crypto';
import type { GitHubCause } from '../contract/github-causes';
import { getDb } from '../db/client';
import { causeTexts, GitHubError, type RejectionDetails } from '../github/errors';
import { readGrantedPermissions } from '../github/registration';
import { EndedMeanwhile, readSnapshot } from '../sync/snapshot';
import { type Check, fail, type Outcome, ok, PERMISSIONS, showPermissions, warn } from './check';

type Connection = { id: number; account: string };

/**
 * Finds the connections of a workspace, and returns a check for each. They need the App's key, because without it each
 * would only repeat that failure.
 */
export async function connectionChecks(slug: string): Promise<Check[]> {
  const workspace = await getDb().workspace.findUnique({ where: { slug }, select: { id: true } });
  if (workspace === null)
    return [unavailable(fail(`There is no workspace "${slug}".`, 'Check the slug, which is in its URL.'))];
  const rows = await getDb().installation.findMany({
    where: { workspaceId: workspace.id, status: { not: 'deleted' } },
    select: { id: true, accountLogin: true },
    orderBy: { id: 'asc' },
  });
  if (rows.length === 0)
    return [
      unavailable(
        warn(
          `The workspace "${slug}" has no connection.`,
          'One of its admins connects GitHub on its settings page.',
        ),
      ),
    ];
  return rows.map(({ id, accountLogin }) => ({
    id: `connection-${id}`,
    needs: ['app-key'],
    find: () => findConnection(workspace.id, { id: Number(id), account: accountLogin }),
  }));
}

const unavailable = (outcome: Outcome): Check => ({
  id: 'connections',
  needs: ['database-migrations'],
  find: async () => outcome,
});

/** Reads the connection as a sync does, and reports the cause by the table that mints and pages use. */
async function findConnection(workspaceId: string, { id, account }: Connection): Promise<Outcome> {
  const origin = { requestId: randomUUID(), clientIp: null, userAgent: null };
  try {
    const { installation, list } = await readSnapshot(id, workspaceId, origin, () => {});
    if (installation.suspendedAt !== null) return refusedBecause('installation_suspended', account);
    return await comparePermissions(id, account, list?.repositories.length ?? 0);
  } catch (error) {
    if (error instanceof EndedMeanwhile)
      return fail(`${account}: the connection has ended here.`, 'Nothing.');
    if (!(error instanceof GitHubError)) throw error;
    return refusedBecause(error.reason, account, error.details);
  }
}

function refusedBecause(cause: GitHubCause, account: string, details?: RejectionDetails): Outcome {
  const { found, todo } = causeTexts(cause, details);
  return fail(`${account}: ${found} (${cause})`, todo);
}

async function comparePermissions(id: number, account: string, repositories: number): Promise<Outcome> {
  const granted = await readGrantedPermissions(id);
  const pending = Object.keys(PERMISSIONS).filter((name) => granted[name] === undefined);
  if (pending.length === 0) return ok(`${account}: its ${repositories} repositories can be read.`);
  const { todo } = causeTexts('permissions_not_granted');
  return fail(`${account} has not accepted ${showPermissions(pending, PERMISSIONS)}.`, todo);
}
