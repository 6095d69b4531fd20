import type { Actor, RequestOrigin } from '../actor';
import { recordAuditEvent } from '../audit/record';
import { requireAdmin } from '../auth/session';
import { getConfig } from '../config';
import type { AuditDetails } from '../contract/audit-types';
import type { Revoked } from '../contract/selection';
import {
  type CreateTrustRule,
  MAX_LIVE_TRUST_RULES,
  type TrustRule,
  type UpdateTrustRule,
} from '../contract/trust-rules';
import { inTransaction, type Transaction } from '../db/client';
import type { TrustRule as TrustRuleRow } from '../db/generated/client';
import { query, sql } from '../db/sql';
import { isUuid } from '../db/uuid';
import { resolveRepositoryIds } from '../installation/resolve-repositories';
import { notFound, Problem } from '../problem';
import { claimsOf, describeTrustRules } from './read-rules';

/**
 * The workspace whose rules are managed, the caller, and the request's origin. Every transaction reads the caller's role
 * again.
 */
export type TrustRuleAdministration = { workspaceId: string; actor: Actor; origin: RequestOrigin };

function auditDetails(row: TrustRuleRow): AuditDetails<'trust_rule.created'> {
  return {
    trust_rule_id: row.id,
    name: row.name,
    issuer: row.issuer,
    subject: row.subject,
    claims: claimsOf(row),
    revision: row.revision,
    repository_ids: row.bound ? row.repositoryIds.map(Number) : null,
    expires_at: row.expiresAt?.toISOString() ?? null,
  };
}

async function describeOne(tx: Transaction, row: TrustRuleRow): Promise<TrustRule> {
  const [described] = await describeTrustRules(tx, row.workspaceId, [row]);
  if (described === undefined) throw new Error('a trust rule was not described');
  return described;
}

const invalid = (path: string, message: string) =>
  new Problem('invalid_request', 'The request is not valid.', { errors: [{ path, message }] });

/** @throws {Problem} `invalid_request` if the operator does not trust the issuer */
function assertTrusted(issuer: string): void {
  if (getConfig().workload.issuers.includes(issuer)) return;
  throw invalid('issuer', 'must be one of the issuers that the operator of this service trusts');
}

function toExpiry(expiresAt: string): Date {
  const end = new Date(expiresAt);
  if (end.getTime() <= Date.now()) throw invalid('expires_at', 'must be in the future');
  return end;
}

/**
 * Refuses one rule too many. Locks the workspace first, so that concurrent requests count each other's rules.
 *
 * @throws {Problem} `invalid_request`
 */
async function assertRoom(tx: Transaction, workspaceId: string): Promise<void> {
  const [row] = await query(
    tx,
    sql<{
      live: number;
    }>`SELECT count(*)::int AS live FROM trust_rules WHERE workspace_id = ${workspaceId}::uuid
      AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
  );
  if ((row?.live ?? 0) < MAX_LIVE_TRUST_RULES) return;
  throw new Problem(
    'invalid_request',
    `A workspace has at most ${MAX_LIVE_TRUST_RULES} trust rules. Revoke one that is no longer needed.`,
  );
}

async function lockWorkspaceFor(tx: Transaction, by: TrustRuleAdministration): Promise<void> {
  await query(tx, sql`SELECT 1 FROM workspaces WHERE id = ${by.workspaceId}::uuid FOR NO KEY UPDATE`);
  await requireAdmin(tx, by.workspaceId, by.actor);
}

/**
 * Locks one of the workspace's rules until the transaction ends.
 *
 * @throws {Problem} `not_found`
 */
async function lockRule(tx: Transaction, by: TrustRuleAdministration, id: string): Promise<TrustRuleRow> {
  if (!isUuid(id)) throw notFound();
  await query(tx, sql`SELECT 1 FROM trust_rules WHERE id = ${id}::uuid FOR UPDATE`);
  const row = await tx.trustRule.findFirst({ where: { id, workspaceId: by.workspaceId } });
  if (row === null) throw notFound();
  return row;
}

/**
 * Creates a rule. Without `repositories`, it grants everything that its workspace can read.
 *
 * @throws {Problem} `invalid_request`, `repository_not_accessible`, `forbidden`
 */
export async function createTrustRule(
  by: TrustRuleAdministration,
  wanted: CreateTrustRule,
): Promise<TrustRule> {
  assertTrusted(wanted.issuer);
  const { name, issuer, subject, claims = {}, repositories, expires_at } = wanted;
  const expiresAt = expires_at === undefined ? null : toExpiry(expires_at);
  return inTransaction(async (tx) => {
    await lockWorkspaceFor(tx, by);
    await assertRoom(tx, by.workspaceId);
    const row = await tx.trustRule.create({
      data: {
        workspaceId: by.workspaceId,
        name,
        issuer,
        subject,
        claims,
        bound: repositories !== undefined,
        repositoryIds:
          repositories === undefined ? [] : await resolveRepositoryIds(tx, by.workspaceId, repositories),
        expiresAt,
        createdBy: by.actor.type === 'user' ? by.actor.id : null,
      },
    });
    await recordAuditEvent(tx, { ...by, type: 'trust_rule.created', details: auditDetails(row) });
    return describeOne(tx, row);
  });
}

/**
 * Changes a rule. A mint that the rule has already authenticated is refused, unless the changed rule still covers it.
 * If the claims change, it is refused in any case.
 *
 * @throws {Problem} `not_found`, `invalid_request`, `repository_not_accessible`, `forbidden`
 */
export async function updateTrustRule(
  by: TrustRuleAdministration,
  id: string,
  { name, claims, repositories, expires_at }: UpdateTrustRule,
): Promise<TrustRule> {
  return inTransaction(async (tx) => {
    await lockWorkspaceFor(tx, by);
    const old = await lockRule(tx, by, id);
    if (old.revokedAt !== null)
      throw new Problem('invalid_request', 'This rule was revoked. Create a new one.');
    const isExpired = old.expiresAt !== null && old.expiresAt.getTime() <= Date.now();
    if (isExpired && expires_at !== undefined) await assertRoom(tx, by.workspaceId);
    const row = await tx.trustRule.update({
      where: { id: old.id },
      data: {
        ...(name !== undefined && { name }),
        ...(claims !== undefined &&
          !areSame(claims, claimsOf(old)) && { claims, revision: { increment: 1 } }),
        ...(repositories !== undefined && {
          bound: repositories !== null,
          repositoryIds:
            repositories === null ? [] : await resolveRepositoryIds(tx, by.workspaceId, repositories),
        }),
        ...(expires_at !== undefined && { expiresAt: expires_at === null ? null : toExpiry(expires_at) }),
      },
    });
    await recordAuditEvent(tx, { ...by, type: 'trust_rule.updated', details: auditDetails(row) });
    return describeOne(tx, row);
  });
}

const areSame = (one: object, other: object) =>
  JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());

/**
 * Revokes a rule, so the next request that it would authenticate is refused. Revoking a revoked rule changes nothing.
 *
 * @throws {Problem} `not_found`, `forbidden`
 */
export async function revokeTrustRule(by: TrustRuleAdministration, id: string): Promise<void> {
  const { revoked, already } = await revokeTrustRules(by, [id]);
  if (revoked + already === 0) throw notFound();
}

/**
 * Revokes several rules in one transaction, each with an audit event of its own. Ids that the workspace does not have are
 * ignored.
 *
 * @throws {Problem} `forbidden`
 */
export async function revokeTrustRules(
  by: TrustRuleAdministration,
  ids: readonly string[],
): Promise<Revoked> {
  return inTransaction(async (tx) => {
    await requireAdmin(tx, by.workspaceId, by.actor);
    const isChosen = { workspaceId: by.workspaceId, id: { in: ids.filter(isUuid) } };
    // Updating a rule locks the head of the audit chain, and all rows must be locked before it (ADR 0012).
    await query(
      tx,
      sql`SELECT 1 FROM trust_rules WHERE workspace_id = ${by.workspaceId}::uuid
        AND id = ANY (${isChosen.id.in}::uuid[]) ORDER BY id FOR UPDATE`,
    );
    const rows = await tx.trustRule.findMany({ where: isChosen, orderBy: { id: 'asc' } });
    const live = rows.filter(({ revokedAt }) => revokedAt === null);
    await tx.trustRule.updateMany({
      where: { id: { in: live.map(({ id }) => id) } },
      data: { revokedAt: new Date() },
    });
    for (const row of live)
      await recordAuditEvent(tx, { ...by, type: 'trust_rule.revoked', details: auditDetails(row) });
    return { revoked: live.length, already: rows.length - live.length };
  });
}
