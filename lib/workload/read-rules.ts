import { z } from 'zod';
import type { List } from '../contract/pagination';
import { ClaimValue, type TrustRule } from '../contract/trust-rules';
import { cursorOf } from '../cursor';
import { getDb, type Transaction } from '../db/client';
import type { TrustRule as TrustRuleRow } from '../db/generated/client';
import { isUuid } from '../db/uuid';
import { readRepositoryNames } from '../installation/repository-names';
import { notFound } from '../problem';

/** A cursor holds the creation time and the id of the last rule on a page. */
const Cursor = cursorOf(z.tuple([z.iso.datetime(), z.uuid()]));

/**
 * Lists a workspace's rules, newest first, including revoked and expired ones.
 *
 * @throws {Problem} `invalid_request` if the cursor was not issued by this app
 */
export async function listTrustRules(
  workspaceId: string,
  page: { cursor?: string | undefined; limit: number },
): Promise<List<TrustRule>> {
  const after = page.cursor === undefined ? undefined : Cursor.decode(page.cursor);
  const db = getDb();
  const rows = await db.trustRule.findMany({
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
    data: await describeTrustRules(db, workspaceId, shown),
    next_cursor:
      rows.length > page.limit && last !== undefined
        ? Cursor.encode([last.createdAt.toISOString(), last.id])
        : null,
  };
}

/**
 * Returns one of the workspace's rules.
 *
 * @throws {Problem} `not_found`
 */
export async function findTrustRule(workspaceId: string, id: string): Promise<TrustRule> {
  const db = getDb();
  const row = isUuid(id) ? await db.trustRule.findFirst({ where: { id, workspaceId } }) : null;
  const [rule] = row === null ? [] : await describeTrustRules(db, workspaceId, [row]);
  if (rule === undefined) throw notFound();
  return rule;
}

const StoredClaims = z.record(z.string(), ClaimValue);

/** Returns a stored rule's claims. */
export const claimsOf = ({ claims }: Pick<TrustRuleRow, 'claims'>): TrustRule['claims'] =>
  StoredClaims.parse(claims);

function statusOf({ revokedAt, expiresAt }: TrustRuleRow): TrustRule['status'] {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt.getTime() <= Date.now() ? 'expired' : 'active';
}

/** Converts database rows of one workspace to rules as the API shows them. */
export async function describeTrustRules(
  db: Transaction,
  workspaceId: string,
  rows: TrustRuleRow[],
): Promise<TrustRule[]> {
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
    issuer: row.issuer,
    subject: row.subject,
    claims: claimsOf(row),
    repositories: row.bound
      ? row.repositoryIds.map((id) => ({ id: Number(id), full_name: names.get(id) ?? null }))
      : null,
    status: statusOf(row),
    created_by: row.createdBy === null ? null : (emails.get(row.createdBy) ?? null),
    created_at: row.createdAt.toISOString(),
    expires_at: row.expiresAt?.toISOString() ?? null,
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    last_used_ip: row.lastUsedIp,
    revoked_at: row.revokedAt?.toISOString() ?? null,
  }));
}
