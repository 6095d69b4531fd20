import { z } from 'zod';
import { getConfig } from '../config';
import type { List } from '../contract/pagination';
import { StoredClaimValue, type TrustRule } from '../contract/trust-rules';
import { type CredentialPage, describeCredentials, inOrder, listCredentials } from '../credentials/read';
import { getDb, type Transaction } from '../db/client';
import type { TrustRule as TrustRuleRow } from '../db/generated/client';
import { isUuid } from '../db/uuid';
import { notFound } from '../problem';

/**
 * Lists a workspace's rules, newest first unless `page.sorted` says otherwise, including revoked and expired ones.
 *
 * @throws {Problem} `invalid_request` if the cursor was not issued by this app for this order
 */
export async function listTrustRules(workspaceId: string, page: CredentialPage): Promise<List<TrustRule>> {
  const db = getDb();
  const { data: ids, next_cursor } = await listCredentials('trustRule', workspaceId, page);
  const rows = await db.trustRule.findMany({ where: { workspaceId, id: { in: ids } } });
  return { data: await describeTrustRules(db, workspaceId, inOrder(ids, rows)), next_cursor };
}

/** Names those of the rules that can be revoked. Leaves out ids that the workspace does not have. */
export function findLiveRules(
  workspaceId: string,
  ids: readonly string[],
): Promise<{ id: string; name: string }[]> {
  return getDb().trustRule.findMany({
    where: { workspaceId, id: { in: [...ids] }, revokedAt: null },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    select: { id: true, name: true },
  });
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

const StoredClaims = z.record(z.string(), z.unknown());

/**
 * Returns a stored rule's claims. A value that no token can have, such as an object, is returned as its JSON text, so
 * that the rule is still shown in full.
 */
export function claimsOf({ claims }: Pick<TrustRuleRow, 'claims'>): TrustRule['claims'] {
  const entries = Object.entries(StoredClaims.parse(claims));
  return Object.fromEntries(
    entries.map(([name, value]) => [name, StoredClaimValue.safeParse(value).data ?? JSON.stringify(value)]),
  );
}

/** Returns why a rule matches no token, whatever its subject is. */
function problemOf({ issuer, claims }: TrustRuleRow): TrustRule['problem'] {
  if (!getConfig().workload.issuers.includes(issuer)) return 'issuer_not_trusted';
  const values = Object.values(StoredClaims.parse(claims));
  return values.every((value) => StoredClaimValue.safeParse(value).success) ? null : 'claims_not_valid';
}

/** Converts database rows of one workspace to rules as the API shows them. */
export function describeTrustRules(
  db: Transaction,
  workspaceId: string,
  rows: TrustRuleRow[],
): Promise<TrustRule[]> {
  return describeCredentials(db, workspaceId, rows, (row) => ({
    issuer: row.issuer,
    subject: row.subject,
    claims: claimsOf(row),
    problem: problemOf(row),
  }));
}
