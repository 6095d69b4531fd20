import type pg from 'pg';

/** How long the transaction waits for a lock. It may be repeated. */
const LOCK_TIMEOUT = '5s';

/**
 * Deletes a workspace whose log is archived and whose connections have ended. The app's role may delete neither
 * workspaces nor installations.
 *
 * Locks the head of the chain before it checks, so that no event can be recorded afterwards. The archive's own event stays: it
 * names no person, and without the workspace nothing can be recorded behind it.
 *
 * @throws if an event is in no archive, or a connection has not ended
 */
export async function eraseWorkspace(client: pg.Client, workspaceId: string): Promise<void> {
  await client.query(`BEGIN; SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
  try {
    await client.query('SELECT FROM workspaces WHERE id = $1 FOR UPDATE', [workspaceId]);
    await assertErasable(client, workspaceId);
    for (const statement of STATEMENTS) await client.query(statement, [workspaceId]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

async function assertErasable(client: pg.Client, workspaceId: string): Promise<void> {
  const { rows: installations } = await client.query<{ has_ended: boolean }>(
    `SELECT status = 'deleted' AND uninstall_requested_at IS NULL AS has_ended FROM installations
      WHERE workspace_id = $1 ORDER BY id FOR UPDATE`,
    [workspaceId],
  );
  if (installations.some(({ has_ended }) => !has_ended))
    throw new Error('a connection has not ended; repeat the command');
  await client.query('SELECT FROM audit_chains WHERE workspace_id = $1 FOR UPDATE', [workspaceId]);
  const { rows: left } = await client.query<{ type: string }>(
    'SELECT type FROM audit_events WHERE workspace_id = $1 LIMIT 2',
    [workspaceId],
  );
  if (left.length !== 1 || left[0]?.type !== 'audit.archived')
    throw new Error('an event was recorded after the archive; repeat the command');
}

const INSTALLATIONS = '(SELECT id FROM installations WHERE workspace_id = $1)';

/** In the order that foreign keys and triggers require: deleting repositories writes their history. */
const STATEMENTS = [
  `DELETE FROM repositories WHERE installation_id IN ${INSTALLATIONS}`,
  `DELETE FROM repository_periods WHERE installation_id IN ${INSTALLATIONS}`,
  'DELETE FROM minted_repositories WHERE workspace_id = $1',
  'DELETE FROM installations WHERE workspace_id = $1',
  'DELETE FROM minting_stops WHERE workspace_id = $1',
  'DELETE FROM connect_attempts WHERE workspace_id = $1',
  'DELETE FROM invitations WHERE workspace_id = $1',
  'DELETE FROM evidence_links WHERE workspace_id = $1',
  'DELETE FROM api_keys WHERE workspace_id = $1',
  'DELETE FROM trust_rules WHERE workspace_id = $1',
  'DELETE FROM memberships WHERE workspace_id = $1',
  'DELETE FROM workspaces WHERE id = $1',
] as const;
