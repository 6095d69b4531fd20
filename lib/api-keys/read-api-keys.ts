import { z } from 'zod';
import { type ApiKey, EXPIRY_WARNING_DAYS } from '../contract/api-keys';
import type { List } from '../contract/pagination';
import { cursorOf } from '../cursor';
import { getDb, type Transaction } from '../db/client';
import type { ApiKey as ApiKeyRow } from '../db/generated/client';
import { query, sql } from '../db/sql';
import { isUuid } from '../db/uuid';
import { readRepositoryNames } from '../installation/repository-names';
import { notFound } from '../problem';

/** A cursor holds the creation time and the id of the last key on a page. */
const Cursor = cursorOf(z.tuple([z.iso.datetime(), z.uuid()]));

/**
 * Lists a workspace's keys, newest first, including revoked and expired ones.
 *
 * @throws {Problem} `invalid_request` if the cursor was not issued by this app
 */
export async function listApiKeys(
  workspaceId: string,
  page: { cursor?: string | undefined; limit: number },
): Promise<List<ApiKey>> {
  const after = page.cursor === undefined ? undefined : Cursor.decode(page.cursor);
  const db = getDb();
  const rows = await db.apiKey.findMany({
    where: {
      workspaceId,
      ...(after && {
        OR: [{ createdAt: { lt: after[0] } }, { createdAt: after[0], id: { lt: after[1] } }],
      }),
    },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: page.limit + 1,
  });
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    data: await describeApiKeys(db, workspaceId, shown),
    next_cursor:
      rows.length > page.limit && last !== undefined
        ? Cursor.encode([last.createdAt.toISOString(), last.id])
        : null,
  };
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

type Reader = Transaction;

function statusOf(row: ApiKeyRow): ApiKey['status'] {
  if (row.revokedAt !== null) return 'revoked';
  return row.expiresAt !== null && row.expiresAt.getTime() <= Date.now() ? 'expired' : 'active';
}

/** Converts database rows of one workspace to keys as the API shows them. */
export async function describeApiKeys(db: Reader, workspaceId: string, rows: ApiKeyRow[]): Promise<ApiKey[]> {
  const names = await readRepositoryNames(db, workspaceId, [
    ...new Set(rows.flatMap((row) => row.repositoryIds)),
  ]);
  const creators = await db.user.findMany({
    where: { id: { in: rows.flatMap((row) => row.createdBy ?? []) } },
    select: { id: true, email: true },
  });
  const emails = new Map(creators.map((user) => [user.id, user.email]));
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    display_prefix: row.displayPrefix,
    repositories: row.bound
      ? row.repositoryIds.map((id) => ({ id: Number(id), full_name: names.get(id) ?? null }))
      : null,
    networks: row.networks,
    status: statusOf(row),
    created_by: row.createdBy === null ? null : (emails.get(row.createdBy) ?? null),
    created_at: row.createdAt.toISOString(),
    expires_at: row.expiresAt?.toISOString() ?? null,
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    last_used_ip: row.lastUsedIp,
    revoked_at: row.revokedAt?.toISOString() ?? null,
  }));
}
