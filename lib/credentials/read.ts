/** Reads what API keys and trust rules have in common. */
import type { Credential } from '../contract/credentials';
import type { List } from '../contract/pagination';
import { CREDENTIAL_SORTS, type CredentialSort, type Sorted } from '../contract/sort';
import type { Transaction } from '../db/client';
import { byText, byTime, keyset } from '../db/keyset';
import { query, sql } from '../db/sql';
import { readRepositoryNames } from '../installation/repository-names';

/** The columns that `api_keys` and `trust_rules` share. */
export type CredentialRow = {
  id: string;
  name: string;
  bound: boolean;
  repositoryIds: bigint[];
  createdBy: string | null;
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  lastUsedIp: string | null;
  revokedAt: Date | null;
};

/** True if a key or rule no longer works, because it was revoked or has expired. */
export const hasEnded = ({ revokedAt, expiresAt }: Pick<CredentialRow, 'revokedAt' | 'expiresAt'>): boolean =>
  revokedAt !== null || (expiresAt !== null && expiresAt.getTime() <= Date.now());

/**
 * Converts database rows of one workspace to what the API shows.
 *
 * @param ownFields returns the fields that only keys or only rules have
 */
export async function describeCredentials<Row extends CredentialRow, Own>(
  db: Transaction,
  workspaceId: string,
  rows: Row[],
  ownFields: (row: Row) => Own,
): Promise<(Credential & Own)[]> {
  const ids = [...new Set(rows.flatMap((row) => row.repositoryIds))];
  const names = await readRepositoryNames(db, workspaceId, ids);
  const creators = await db.user.findMany({
    where: { id: { in: rows.flatMap((row) => row.createdBy ?? []) } },
    select: { id: true, email: true },
  });
  const emails = new Map(creators.map((user) => [user.id, user.email]));
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    ...ownFields(row),
    repositories: row.bound
      ? row.repositoryIds.map((id) => ({ id: Number(id), full_name: names.get(id) ?? null }))
      : null,
    status: row.revokedAt !== null ? 'revoked' : hasEnded(row) ? 'expired' : 'active',
    created_by: row.createdBy === null ? null : (emails.get(row.createdBy) ?? null),
    created_at: row.createdAt.toISOString(),
    expires_at: row.expiresAt?.toISOString() ?? null,
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    last_used_ip: row.lastUsedIp,
    revoked_at: row.revokedAt?.toISOString() ?? null,
  }));
}

const sortedBy = keyset<CredentialSort>(
  {
    name: byText(sql`name`),
    created: byTime(sql`created_at`),
    last_used: byTime(sql`last_used_at`, '-infinity'),
    expires: byTime(sql`expires_at`),
  },
  sql`id`,
);

/** The tables that {@link listCredentials} reads. */
const TABLES = { apiKey: sql`api_keys`, trustRule: sql`trust_rules` } as const;

/** A page of a list of keys or rules: the newest first, unless it says otherwise. */
export type CredentialPage = {
  cursor?: string | undefined;
  limit: number;
  sorted?: Sorted<CredentialSort> | undefined;
};

/**
 * Lists the ids of a workspace's keys or rules, including revoked and expired ones.
 *
 * @throws {Problem} `invalid_request` if the cursor was not issued by this app for this order
 */
export async function listCredentials(
  table: keyof typeof TABLES,
  workspaceId: string,
  { sorted = CREDENTIAL_SORTS.initial, ...page }: CredentialPage,
): Promise<List<string>> {
  const { place, isAfter, orderBy, limit, toList } = sortedBy(sorted, page);
  const rows = await query(
    'work',
    sql<{ id: string; place: unknown }>`SELECT id, ${place} AS place FROM ${TABLES[table]}
      WHERE workspace_id = ${workspaceId}::uuid AND ${isAfter} ORDER BY ${orderBy} LIMIT ${limit}`,
  );
  const { data, next_cursor } = toList(rows);
  return { data: data.map(({ id }) => id), next_cursor };
}

/** Puts rows in the order of the ids. A row that was deleted meanwhile is left out. */
export function inOrder<Row extends { id: string }>(ids: readonly string[], rows: readonly Row[]): Row[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
