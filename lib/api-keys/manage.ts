import type { Actor, RequestOrigin } from '../actor';
import { recordAuditEvent } from '../audit/record';
import { requireAdmin } from '../auth/session';
import { getConfig } from '../config';
import type { CreatedApiKey } from '../contract/api-keys';
import type { Revoked } from '../contract/selection';
import { hasEnded } from '../credentials/read';
import { inTransaction, type Transaction } from '../db/client';
import type { ApiKey as ApiKeyRow } from '../db/generated/client';
import { query, sql } from '../db/sql';
import { isUuid } from '../db/uuid';
import { resolveRepositoryIds } from '../installation/resolve-repositories';
import { notFound, Problem } from '../problem';
import { displayPrefix, generateApiKey, hashApiKey } from './key';
import { describeApiKeys } from './read-api-keys';

/**
 * The workspace whose keys are managed, the caller, and the request's origin. Every transaction reads the caller's role
 * again, so a caller who has just lost it is refused.
 */
export type ApiKeyAdministration = { workspaceId: string; actor: Actor; origin: RequestOrigin };

/**
 * Generates a key and stores only its hash.
 *
 * @returns the row and the key itself
 */
async function insertKey(
  tx: Transaction,
  by: ApiKeyAdministration,
  wanted: Pick<ApiKeyRow, 'name' | 'bound' | 'repositoryIds' | 'networks' | 'expiresAt'>,
): Promise<{ row: ApiKeyRow; key: string }> {
  const key = generateApiKey(getConfig().environment);
  const { name, bound, repositoryIds, networks, expiresAt } = wanted;
  const row = await tx.apiKey.create({
    data: {
      workspaceId: by.workspaceId,
      hash: new Uint8Array(hashApiKey(key)),
      displayPrefix: displayPrefix(key),
      name,
      bound,
      repositoryIds,
      networks,
      expiresAt,
      createdBy: by.actor.type === 'user' ? by.actor.id : null,
    },
  });
  return { row, key };
}

/** Returns the details for an audit event about a key. */
export function auditDetails(row: ApiKeyRow) {
  return {
    api_key_id: row.id,
    name: row.name,
    display_prefix: row.displayPrefix,
    repository_ids: row.bound ? row.repositoryIds.map(Number) : null,
    networks: row.networks,
    expires_at: row.expiresAt?.toISOString() ?? null,
  };
}

async function withSecret(tx: Transaction, row: ApiKeyRow, key: string): Promise<CreatedApiKey> {
  const [described] = await describeApiKeys(tx, row.workspaceId, [row]);
  if (described === undefined) throw new Error('a created key was not described');
  return { ...described, key };
}

/**
 * Locks one of the workspace's keys until the transaction ends.
 *
 * @throws {Problem} `not_found`
 */
export async function lockKey(tx: Transaction, by: ApiKeyAdministration, id: string): Promise<ApiKeyRow> {
  if (!isUuid(id)) throw notFound();
  await query(tx, sql`SELECT 1 FROM api_keys WHERE id = ${id}::uuid FOR UPDATE`);
  const row = await tx.apiKey.findFirst({ where: { id, workspaceId: by.workspaceId } });
  if (row === null) throw notFound();
  return row;
}

/**
 * Requires a workspace that allows API keys.
 *
 * @throws {Problem} `forbidden`
 */
async function requireKeysAllowed(tx: Transaction, workspaceId: string): Promise<void> {
  const workspace = await tx.workspace.findUnique({
    where: { id: workspaceId },
    select: { apiKeysAllowed: true },
  });
  if (workspace?.apiKeysAllowed !== true)
    throw new Problem('forbidden', 'This workspace does not allow API keys.');
}

/**
 * Creates a key.
 *
 * @param wanted `expires_in` is in milliseconds; without `repositories`, the key can read everything that its workspace
 *   can read; without `networks`, it can be used from everywhere
 * @throws {Problem} `repository_not_accessible`, `forbidden`
 */
export async function createApiKey(
  by: ApiKeyAdministration,
  wanted: {
    name: string;
    repositories?: readonly (string | number)[] | undefined;
    expires_in?: number | undefined;
    networks?: string[] | undefined;
  },
): Promise<CreatedApiKey> {
  return inTransaction(async (tx) => {
    await requireAdmin(tx, by.workspaceId, by.actor);
    await requireKeysAllowed(tx, by.workspaceId);
    const { name, repositories, expires_in, networks = [] } = wanted;
    const { row, key } = await insertKey(tx, by, {
      name,
      bound: repositories !== undefined,
      repositoryIds:
        repositories === undefined ? [] : await resolveRepositoryIds(tx, by.workspaceId, repositories),
      networks,
      expiresAt: expires_in === undefined ? null : new Date(Date.now() + expires_in),
    });
    await recordAuditEvent(tx, { ...by, type: 'api_key.created', details: auditDetails(row) });
    return withSecret(tx, row, key);
  });
}

/**
 * Returns the lifetime that a key was created with, in milliseconds; `null` if it was created without an expiry. Reads
 * the audit event of the key's creation, because a rotation overwrites the expiry in the row.
 */
async function readLifetime(tx: Transaction, key: ApiKeyRow): Promise<number | null> {
  const [created] = await query(
    tx,
    sql<{ expires_at: string | null }>`
      SELECT details->>'expires_at' AS expires_at FROM audit_events
      WHERE workspace_id = ${key.workspaceId}::uuid AND type IN ('api_key.created', 'api_key.rotated')
        AND details->>'api_key_id' = ${key.id}
      ORDER BY seq LIMIT 1`,
  );
  const end = created === undefined ? key.expiresAt?.toISOString() : created.expires_at;
  return typeof end === 'string' ? Date.parse(end) - key.createdAt.getTime() : null;
}

/**
 * Replaces a key with a successor that has the same name, repositories and networks. The old key keeps working for `overlap`
 * milliseconds, or until it expires if that is sooner. Without `expires_in`, the successor gets the lifetime that the
 * old key was created with.
 *
 * @throws {Problem} `not_found`, `forbidden`; `invalid_request` if the key was revoked or has expired
 */
export async function rotateApiKey(
  by: ApiKeyAdministration,
  id: string,
  wanted: { overlap: number; expires_in?: number | undefined },
): Promise<CreatedApiKey> {
  return inTransaction(async (tx) => {
    await requireAdmin(tx, by.workspaceId, by.actor);
    await requireKeysAllowed(tx, by.workspaceId);
    const old = await lockKey(tx, by, id);
    const now = Date.now();
    if (hasEnded(old))
      throw new Problem('invalid_request', 'This key was revoked or has expired. Create a new one.');

    const lifetime = wanted.expires_in ?? (await readLifetime(tx, old));
    const { row, key } = await insertKey(tx, by, {
      ...old,
      expiresAt: lifetime === null ? null : new Date(now + lifetime),
    });
    const end = new Date(
      Math.min(now + wanted.overlap, old.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY),
    );
    await tx.apiKey.update({ where: { id: old.id }, data: { expiresAt: end } });
    await recordAuditEvent(tx, {
      ...by,
      type: 'api_key.rotated',
      details: {
        ...auditDetails(row),
        rotated_api_key_id: old.id,
        rotated_key_expires_at: end.toISOString(),
      },
    });
    return withSecret(tx, row, key);
  });
}

/**
 * Revokes a key, so the next request with that key is refused. Revoking a revoked key changes nothing.
 *
 * @throws {Problem} `not_found`, `forbidden`
 */
export async function revokeApiKey(by: ApiKeyAdministration, id: string): Promise<void> {
  const { revoked, already } = await revokeApiKeys(by, [id]);
  if (revoked + already === 0) throw notFound();
}

/**
 * Revokes several keys in one transaction, each with an audit event of its own. Ids that the workspace does not have are
 * ignored.
 *
 * @throws {Problem} `forbidden`
 */
export async function revokeApiKeys(by: ApiKeyAdministration, ids: readonly string[]): Promise<Revoked> {
  return inTransaction(async (tx) => {
    await requireAdmin(tx, by.workspaceId, by.actor);
    const isChosen = { workspaceId: by.workspaceId, id: { in: ids.filter(isUuid) } };
    // Updating a key locks the head of the audit chain, and all rows must be locked before it (ADR 0012).
    await query(
      tx,
      sql`SELECT 1 FROM api_keys WHERE workspace_id = ${by.workspaceId}::uuid
        AND id = ANY (${isChosen.id.in}::uuid[]) ORDER BY id FOR UPDATE`,
    );
    const rows = await tx.apiKey.findMany({ where: isChosen, orderBy: { id: 'asc' } });
    const live = rows.filter(({ revokedAt }) => revokedAt === null);
    await tx.apiKey.updateMany({
      where: { id: { in: live.map(({ id }) => id) } },
      data: { revokedAt: new Date() },
    });
    for (const row of live)
      await recordAuditEvent(tx, { ...by, type: 'api_key.revoked', details: auditDetails(row) });
    return { revoked: live.length, already: rows.length - live.length };
  });
}
