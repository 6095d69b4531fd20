import type { Actor } from '../actor';
import type { RequestOrigin } from '../audit/event';
import { recordAuditEvent } from '../audit/record';
import { requireAdmin } from '../auth/membership';
import { getConfig } from '../config';
import type { CreatedApiKey } from '../contract/api-keys';
import { inTransaction, type Transaction } from '../db/client';
import type { ApiKey as ApiKeyRow } from '../db/generated/client';
import { isUuid } from '../db/uuid';
import { notFound, Problem } from '../problem';
import { displayPrefix, generateApiKey, hashApiKey } from './format';
import { describeApiKeys } from './read-api-keys';
import { resolveRepositoryIds } from './repositories';

/** On whose behalf and from where a key is managed. The actor's role is read anew inside each transaction. */
export type ApiKeyAdministration = { workspaceId: string; actor: Actor; origin: RequestOrigin };

/** Stores a new key's hash. @returns the row, and the key itself, which exists nowhere else */
async function insertKey(
  tx: Transaction,
  by: ApiKeyAdministration,
  wanted: Pick<ApiKeyRow, 'name' | 'bound' | 'repositoryIds' | 'expiresAt'>,
): Promise<{ row: ApiKeyRow; key: string }> {
  const key = generateApiKey(getConfig().environment);
  const { name, bound, repositoryIds, expiresAt } = wanted;
  const row = await tx.apiKey.create({
    data: {
      workspaceId: by.workspaceId,
      hash: new Uint8Array(hashApiKey(key)),
      displayPrefix: displayPrefix(key),
      name,
      bound,
      repositoryIds,
      expiresAt,
      createdBy: by.actor.type === 'user' ? by.actor.id : null,
    },
  });
  return { row, key };
}

/** What the audit log says of a key. */
function auditDetails(row: ApiKeyRow) {
  return {
    api_key_id: row.id,
    name: row.name,
    display_prefix: row.displayPrefix,
    repository_ids: row.bound ? row.repositoryIds.map(Number) : null,
    expires_at: row.expiresAt?.toISOString() ?? null,
  };
}

async function withSecret(tx: Transaction, row: ApiKeyRow, key: string): Promise<CreatedApiKey> {
  const [described] = await describeApiKeys(tx, row.workspaceId, [row]);
  if (described === undefined) throw new Error('a created key was not described');
  return { ...described, key };
}

/** Locks a key of this workspace until commit. @throws {Problem} `not_found` */
async function lockKey(tx: Transaction, by: ApiKeyAdministration, id: string): Promise<ApiKeyRow> {
  if (!isUuid(id)) throw notFound();
  await tx.$queryRaw`SELECT 1 FROM api_keys WHERE id = ${id}::uuid FOR UPDATE`;
  const row = await tx.apiKey.findFirst({ where: { id, workspaceId: by.workspaceId } });
  if (row === null) throw notFound();
  return row;
}

/**
 * @param wanted `expires_in` in milliseconds; without `repositories` the key may read what its workspace may
 * @throws {Problem} `repository_not_accessible`, `forbidden`
 */
export async function createApiKey(
  by: ApiKeyAdministration,
  wanted: {
    name: string;
    repositories?: readonly (string | number)[] | undefined;
    expires_in?: number | undefined;
  },
): Promise<CreatedApiKey> {
  return inTransaction(async (tx) => {
    await requireAdmin(tx, by.workspaceId, by.actor);
    const { name, repositories, expires_in } = wanted;
    const { row, key } = await insertKey(tx, by, {
      name,
      bound: repositories !== undefined,
      repositoryIds:
        repositories === undefined ? [] : await resolveRepositoryIds(tx, by.workspaceId, repositories),
      expiresAt: expires_in === undefined ? null : new Date(Date.now() + expires_in),
    });
    await recordAuditEvent(tx, { ...by, type: 'api_key.created', details: auditDetails(row) });
    return withSecret(tx, row, key);
  });
}

/**
 * The milliseconds that a key was meant to live; `null`: without end. Its row does not tell any more once it was
 * rotated, which gives it an earlier end; the event of its making, which nothing changes, does.
 */
async function readLifetime(tx: Transaction, key: ApiKeyRow): Promise<number | null> {
  const [made] = await tx.$queryRaw<{ expires_at: string | null }[]>`
    SELECT details->>'expires_at' AS expires_at FROM audit_events
    WHERE workspace_id = ${key.workspaceId}::uuid AND type IN ('api_key.created', 'api_key.rotated')
      AND details->>'api_key_id' = ${key.id}
    ORDER BY seq LIMIT 1`;
  const end = made === undefined ? key.expiresAt?.toISOString() : made.expires_at;
  return typeof end === 'string' ? Date.parse(end) - key.createdAt.getTime() : null;
}

/**
 * A successor with the same name and the same repositories; the old key goes on for `overlap` milliseconds, or until
 * it would have expired anyway. The successor lives as long as the old one was meant to, unless told otherwise.
 *
 * @throws {Problem} `not_found`, `forbidden`; `invalid_request` when the key works no more
 */
export async function rotateApiKey(
  by: ApiKeyAdministration,
  id: string,
  wanted: { overlap: number; expires_in?: number | undefined },
): Promise<CreatedApiKey> {
  return inTransaction(async (tx) => {
    await requireAdmin(tx, by.workspaceId, by.actor);
    const old = await lockKey(tx, by, id);
    const now = Date.now();
    if (old.revokedAt !== null || (old.expiresAt !== null && old.expiresAt.getTime() <= now))
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
 * Takes effect on the key's next request. Revoking a revoked key changes nothing.
 *
 * @throws {Problem} `not_found`, `forbidden`
 */
export async function revokeApiKey(by: ApiKeyAdministration, id: string): Promise<void> {
  await inTransaction(async (tx) => {
    await requireAdmin(tx, by.workspaceId, by.actor);
    const row = await lockKey(tx, by, id);
    if (row.revokedAt !== null) return;
    await tx.apiKey.update({ where: { id: row.id }, data: { revokedAt: new Date() } });
    await recordAuditEvent(tx, { ...by, type: 'api_key.revoked', details: auditDetails(row) });
  });
}
