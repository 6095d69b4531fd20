import type { ApiKey } from '../contract/api-keys';
import { EXPIRY_WARNING_DAYS } from '../contract/credentials';
import type { List } from '../contract/pagination';
import { type CredentialPage, describeCredentials, inOrder, listCredentials } from '../credentials/read';
import { getDb, type Transaction } from '../db/client';
import type { ApiKey as ApiKeyRow } from '../db/generated/client';
import { query, sql } from '../db/sql';
import { isUuid } from '../db/uuid';
import { notFound } from '../problem';

/**
 * Lists a workspace's keys, newest first unless `page.sorted` says otherwise, including revoked and expired ones.
 *
 * @throws {Problem} `invalid_request` if the cursor was not issued by this app for this order
 */
export async function listApiKeys(workspaceId: string, page: CredentialPage): Promise<List<ApiKey>> {
  const db = getDb();
  const { data: ids, next_cursor } = await listCredentials('apiKey', workspaceId, page);
  const rows = await db.apiKey.findMany({ where: { workspaceId, id: { in: ids } } });
  return { data: await describeApiKeys(db, workspaceId, inOrder(ids, rows)), next_cursor };
}

/** Names those of the keys that can be revoked. Leaves out ids that the workspace does not have. */
export function findLiveKeys(
  workspaceId: string,
  ids: readonly string[],
): Promise<{ id: string; name: string }[]> {
  return getDb().apiKey.findMany({
    where: { workspaceId, id: { in: [...ids] }, revokedAt: null },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    select: { id: true, name: true },
  });
}

/**
 * Returns one of the workspace's keys.
 *
 * @throws {Problem} `not_found`
 */
export async function findApiKey(workspaceId: string, id: string): Promise<ApiKey> {
  const db = getDb();
  const row = isUuid(id) ? await db.apiKey.findFirst({ where: { id, workspaceId } }) : null;
  const [key] = row === null ? [] : await describeApiKeys(db, workspaceId, [row]);
  if (key === undefined) throw notFound();
  return key;
}

/**
 * Returns the ids of those keys that were rotated. Reads the audit log, because the row of a rotated key looks like
 * that of any expired key.
 */
export async function findRotatedKeys(workspaceId: string, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await query(
    getDb(),
    sql<{ id: string }>`
      SELECT DISTINCT details->>'rotated_api_key_id' AS id FROM audit_events
      WHERE workspace_id = ${workspaceId}::uuid AND type = 'api_key.rotated'
        AND details->>'rotated_api_key_id' = ANY (${[...ids]}::text[])`,
  );
  return new Set(rows.map(({ id }) => id));
}

/** A key that expires within `EXPIRY_WARNING_DAYS`. */
export type ExpiringKey = { id: string; name: string; expires_at: string };

/** Caps the keys that a warning looks at. */
const MAX_EXPIRING = 100;

/** Returns the live keys that expire soon, the first to expire first. Leaves out rotated keys, which have a successor. */
export async function findExpiringKeys(workspaceId: string): Promise<ExpiringKey[]> {
  const now = Date.now();
  const rows = await getDb().apiKey.findMany({
    where: {
      workspaceId,
      revokedAt: null,
      expiresAt: { gt: new Date(now), lte: new Date(now + EXPIRY_WARNING_DAYS * 86_400_000) },
    },
    orderBy: [{ expiresAt: 'asc' }, { id: 'asc' }],
    take: MAX_EXPIRING,
    select: { id: true, name: true, expiresAt: true },
  });
  const rotated = await findRotatedKeys(
    workspaceId,
    rows.map(({ id }) => id),
  );
  return rows.flatMap(({ id, name, expiresAt }) =>
    rotated.has(id) || expiresAt === null ? [] : { id, name, expires_at: expiresAt.toISOString() },
  );
}

/** Caps the keys that a question names. */
const MAX_NAMED = 5;

/** Returns what stops if a workspace forbids API keys: the live keys, by their last use, and whether rules remain. */
export async function findKeysInForce(workspaceId: string): Promise<{
  count: number;
  used: { id: string; name: string; last_used_at: string }[];
  hasTrustRules: boolean;
}> {
  const db = getDb();
  const isLive = { revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }] };
  const [count, used, rule] = await Promise.all([
    db.apiKey.count({ where: { workspaceId, ...isLive } }),
    db.apiKey.findMany({
      where: { workspaceId, ...isLive, lastUsedAt: { not: null } },
      orderBy: [{ lastUsedAt: 'desc' }, { id: 'desc' }],
      take: MAX_NAMED,
      select: { id: true, name: true, lastUsedAt: true },
    }),
    db.trustRule.findFirst({ where: { workspaceId, ...isLive }, select: { id: true } }),
  ]);
  return {
    count,
    used: used.flatMap(({ id, name, lastUsedAt }) =>
      lastUsedAt === null ? [] : { id, name, last_used_at: lastUsedAt.toISOString() },
    ),
    hasTrustRules: rule !== null,
  };
}

/** Converts database rows of one workspace to keys as the API shows them. */
export function describeApiKeys(db: Transaction, workspaceId: string, rows: ApiKeyRow[]): Promise<ApiKey[]> {
  return describeCredentials(db, workspaceId, rows, ({ displayPrefix, networks }) => ({
    display_prefix: displayPrefix,
    networks,
  }));
}
