/** Reads what API keys and trust rules have in common. */
import { z } from 'zod';
import type { Credential } from '../contract/credentials';
import type { List } from '../contract/pagination';
import { cursorOf } from '../cursor';
import type { Transaction } from '../db/client';
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

/** A cursor holds the creation time and the id of the last item on a page. */
const Cursor = cursorOf(z.tuple([z.iso.datetime(), z.uuid()]));

/** Tuples, because the types of Prisma's models do not accept what TypeScript infers for arrays. */
type NewestFirst = [{ createdAt: 'desc' }, { id: 'desc' }];
type After = [{ createdAt: { lt: string } }, { createdAt: string; id: { lt: string } }];

/** The arguments of `findMany` that read a page of a workspace's keys or rules, newest first, and one row more. */
export function pageArguments(workspaceId: string, page: { cursor?: string | undefined; limit: number }) {
  const after = page.cursor === undefined ? undefined : Cursor.decode(page.cursor);
  return {
    where: {
      workspaceId,
      ...(after && {
        OR: [{ createdAt: { lt: after[0] } }, { createdAt: after[0], id: { lt: after[1] } }] satisfies After,
      }),
    },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }] satisfies NewestFirst,
    take: page.limit + 1,
  };
}

/**
 * Converts the rows that {@link pageArguments} reads to a page.
 *
 * @param convert converts the page's rows, without the one row more
 */
export async function toPage<Row extends CredentialRow, T>(
  rows: Row[],
  limit: number,
  convert: (rows: Row[]) => Promise<T[]>,
): Promise<List<T>> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    data: await convert(shown),
    next_cursor:
      rows.length > limit && last !== undefined
        ? Cursor.encode([last.createdAt.toISOString(), last.id])
        : null,
  };
}
