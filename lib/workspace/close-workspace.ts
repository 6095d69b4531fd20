/** Ends workspaces: for their owners, and for the operator before their rows are erased (`prisma/erase-workspace.ts`). */
import type { Actor, RequestOrigin } from '../actor';
import { recordAuditEvent } from '../audit/record';
import { getDb, inTransaction, type Transaction } from '../db/client';
import { execute, query, sql } from '../db/sql';
import { disconnectInstallation, repeatUninstalls } from '../installation/disconnect';
import { markDeleted } from '../installation/mark-deleted';
import { lockWorkspace, type MemberAdministration, requireOwner } from './authority';

type By = { actor: Actor; origin: RequestOrigin };

/**
 * GitHub delivers a webhook within minutes, and reconcile has lost ones redelivered for three days. A webhook about an
 * uninstall stores an unknown installation with its account's name, so it must not arrive after the erasure.
 */
const LATEST_WEBHOOK = '3 days';

/**
 * Disconnects every installation of a workspace, and uninstalls the App at GitHub.
 *
 * @returns the accounts where the App could not be uninstalled yet, or whose webhook about it may still arrive
 */
export async function disconnectAll(workspaceId: string, by: By): Promise<string[]> {
  const open = await query(
    getDb(),
    sql<{ id: bigint }>`SELECT id FROM installations WHERE workspace_id = ${workspaceId}::uuid
      AND (status <> 'deleted' OR uninstall_requested_at IS NOT NULL) ORDER BY id`,
  );
  for (const { id } of open) await disconnectInstallation({ ...by, workspaceId, installationId: Number(id) });
  const left = await query(
    getDb(),
    sql<{ account_login: string }>`SELECT account_login FROM installations AS i
      WHERE workspace_id = ${workspaceId}::uuid AND (uninstall_requested_at IS NOT NULL
        OR (deleted_at > now() - ${LATEST_WEBHOOK}::interval AND NOT EXISTS (SELECT FROM webhook_deliveries AS d
          WHERE d.received_at > now() - ${LATEST_WEBHOOK}::interval AND d.installation_id = i.id
            AND d.event = 'installation' AND d.action = 'deleted')))
      ORDER BY id`,
  );
  return left.map(({ account_login }) => account_login);
}

/** Counts of rows by kind. */
export type WorkspaceErasure = {
  members: number;
  /** Email addresses of members who belong to no other workspace. Their accounts are kept. */
  users_left: string[];
  api_keys: number;
  trust_rules: number;
  invitations: number;
  connect_attempts: number;
  connections: number;
  repositories: number;
  audit_events: number;
};

/** Counts what is stored of a workspace. */
export async function planWorkspaceErasure(workspaceId: string): Promise<WorkspaceErasure> {
  const of = sql`workspace_id = ${workspaceId}::uuid`;
  const [plan] = await query(
    getDb(),
    sql<WorkspaceErasure>`SELECT
      (SELECT count(*)::int FROM memberships WHERE ${of}) AS members,
      ARRAY(SELECT u.email FROM memberships AS m JOIN users AS u ON u.id = m.user_id WHERE m.${of}
        AND NOT EXISTS (SELECT FROM memberships AS o WHERE o.user_id = u.id AND o.workspace_id <> m.workspace_id)
        ORDER BY u.email) AS users_left,
      (SELECT count(*)::int FROM api_keys WHERE ${of}) AS api_keys,
      (SELECT count(*)::int FROM trust_rules WHERE ${of}) AS trust_rules,
      (SELECT count(*)::int FROM invitations WHERE ${of}) AS invitations,
      (SELECT count(*)::int FROM connect_attempts WHERE ${of}) AS connect_attempts,
      (SELECT count(*)::int FROM installations WHERE ${of}) AS connections,
      (SELECT count(*)::int FROM repositories AS r JOIN installations AS i ON i.id = r.installation_id
        WHERE i.${of}) AS repositories,
      (SELECT count(*)::int FROM audit_events WHERE ${of}) AS audit_events`,
  );
  if (plan === undefined) throw new Error('the database returned no counts');
  return plan;
}

/**
 * Deletes everything by which somebody could sign in to a workspace or mint in it, and records that in its log, in one
 * transaction.
 */
export async function closeWorkspace(workspaceId: string, by: By): Promise<void> {
  await inTransaction(async (tx) => {
    await lockWorkspace(tx, workspaceId);
    await lockAccess(tx, workspaceId);
    const details = await deleteAccess(tx, workspaceId);
    await recordAuditEvent(tx, { ...by, workspaceId, type: 'workspace.erased', details });
  });
}

/** Counts the people and live credentials that end with a workspace, and names its connected accounts. */
export type WorkspaceDeletion = {
  members: number;
  api_keys: number;
  trust_rules: number;
  accounts: string[];
};

/** Counts what {@link deleteWorkspace} would end. */
export async function planWorkspaceDeletion(workspaceId: string): Promise<WorkspaceDeletion> {
  const of = sql`workspace_id = ${workspaceId}::uuid`;
  const isLive = sql`revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`;
  const [plan] = await query(
    getDb(),
    sql<WorkspaceDeletion>`SELECT
      (SELECT count(*)::int FROM memberships WHERE ${of}) AS members,
      (SELECT count(*)::int FROM api_keys WHERE ${of} AND ${isLive}) AS api_keys,
      (SELECT count(*)::int FROM trust_rules WHERE ${of} AND ${isLive}) AS trust_rules,
      ARRAY(SELECT account_login FROM installations WHERE ${of} AND status <> 'deleted' ORDER BY account_login)
        AS accounts`,
  );
  if (plan === undefined) throw new Error('the database returned no counts');
  return plan;
}

/**
 * Deletes a workspace for its owner: nobody can sign in to it or mint in it from the commit on, and its connections end.
 * Then the App is uninstalled at GitHub, by reconcile if GitHub does not respond. The audit log and the slug stay.
 *
 * @throws {Problem} `forbidden` unless the actor is an owner; `not_found`
 */
export async function deleteWorkspace(by: MemberAdministration): Promise<void> {
  const { workspaceId } = by;
  await inTransaction(async (tx) => {
    await lockWorkspace(tx, workspaceId);
    await requireOwner(tx, by);
    await lockAccess(tx, workspaceId);
    const open = await query(
      tx,
      sql<{
        id: bigint;
      }>`SELECT id FROM installations WHERE workspace_id = ${workspaceId}::uuid AND status <> 'deleted'
        ORDER BY id FOR UPDATE`,
    );
    const ids = open.map(({ id }) => id);
    await execute(
      tx,
      sql`UPDATE installations SET uninstall_requested_at = now() WHERE id = ANY(${ids}::bigint[])`,
    );
    const ended = await deleteAccess(tx, workspaceId);
    for (const id of ids) await markDeleted(tx, Number(id), { ...by, noticedBy: 'disconnect' });
    const details = { ...ended, connections: ids.length };
    await recordAuditEvent(tx, { ...by, type: 'workspace.deleted', details });
  });
  await repeatUninstalls(workspaceId);
}

/** Locks memberships, keys and rules in the order of docs/decisions/0012, before anything locks the head of the chain. */
async function lockAccess(tx: Transaction, workspaceId: string): Promise<void> {
  const of = sql`workspace_id = ${workspaceId}::uuid`;
  await execute(tx, sql`SELECT FROM memberships WHERE ${of} ORDER BY user_id FOR UPDATE`);
  await execute(tx, sql`SELECT FROM api_keys WHERE ${of} ORDER BY id FOR UPDATE`);
  await execute(tx, sql`SELECT FROM trust_rules WHERE ${of} ORDER BY id FOR UPDATE`);
}

/** Deletes what {@link lockAccess} has locked, after attempts and invitations: its triggers lock the head of the chain. */
async function deleteAccess(tx: Transaction, workspaceId: string) {
  const of = sql`workspace_id = ${workspaceId}::uuid`;
  await execute(tx, sql`DELETE FROM connect_attempts WHERE ${of}`);
  await execute(tx, sql`DELETE FROM evidence_links WHERE ${of}`);
  const invitations = await execute(tx, sql`DELETE FROM invitations WHERE ${of}`);
  const members = await execute(tx, sql`DELETE FROM memberships WHERE ${of}`);
  const api_keys = await execute(tx, sql`DELETE FROM api_keys WHERE ${of}`);
  const trust_rules = await execute(tx, sql`DELETE FROM trust_rules WHERE ${of}`);
  return { api_keys, trust_rules, members, invitations };
}
