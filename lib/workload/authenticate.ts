import { createHash } from 'node:crypto';
import type { RequestOrigin, WorkloadActor } from '../actor';
import type { MintingStop } from '../contract/minting-stop';
import { execute, query, type Sql, sql } from '../db/sql';
import {
  INSTALLATIONS_OF_W,
  STOP_OF_W,
  type StoredInstallation,
  type StoredInstallations,
} from '../installation/stored';
import { log } from '../observability/log';
import { Problem, refusedService } from '../problem';
import { comparableClaims, isServiceAccountToken } from './claims';
import { candidates, NARROWEST_FIRST, subjectMatches, type TokenFacts, unmetClaims } from './matching';
import { WorkloadTokenRefused } from './refusals';
import { type VerifiedToken, verifyWorkloadToken } from './verify';

/** A workload and its workspace's installations, read in one statement. */
export type AuthenticatedWorkload = WorkloadActor & { installations: StoredInstallations };

type Use = Pick<RequestOrigin, 'clientIp'> & {
  /** The slug in the header `X-Workspace`, without which the rules of every workspace are compared. */
  workspace: string | null;
  /** True if the token is used up by this request, if it has an id. */
  isUsedUp: boolean;
};

/** The longest label of an actor in the audit log. The details of an event hold the whole subject. */
const MAX_LABEL_CHARACTERS = 300;

/**
 * Compares at most this many rules with a token. A workspace has fewer live rules, so only a caller that names no
 * workspace can meet more, of other tenants. The rest then stays unknown, so none of the compared ones is chosen.
 */
const MAX_CANDIDATES = 200;

type Row = {
  id: string;
  name: string;
  revision: number;
  bound: boolean;
  repository_ids: bigint[];
  workspace_id: string;
  slug: string;
  use_is_stale: boolean;
  is_ambiguous: boolean;
  is_replayed: boolean;
  installations: StoredInstallation[];
  stop: MintingStop | null;
};

/**
 * Authenticates a request by an identity token of a trusted issuer, and the rule of one workspace that matches. Nothing
 * about rules is cached, so a revoked rule is refused on the next request.
 *
 * @throws {Problem} `unauthenticated` without a reason; `invalid_request` if rules of several workspaces match, and the
 *   caller names none; `overloaded` while the issuer does not answer
 */
export async function authenticateWorkload(token: string, use: Use): Promise<AuthenticatedWorkload> {
  const verified = await verify(token);
  const facts = { ...verified, claims: comparableClaims(verified.claims) };
  const readAt = performance.now();
  const [row] = await query('mint', findRule(facts, use.workspace, usedUp(verified, use)));
  if (row?.is_ambiguous === true) throw ambiguous();
  if (row === undefined || row.is_replayed) throw refusedService();
  if (row.use_is_stale) touch(row.id, use.clientIp);
  return { ...toActor(row, verified), installations: { rows: row.installations, stop: row.stop, readAt } };
}

async function verify(token: string): Promise<VerifiedToken> {
  try {
    return await verifyWorkloadToken(token);
  } catch (error) {
    if (error instanceof WorkloadTokenRefused) throw refusedService();
    throw error;
  }
}

/** Returns the fingerprint under which a token is used up, or `null` if it may be presented again. */
function usedUp({ issuer, jti, claims }: VerifiedToken, { isUsedUp }: Use): Buffer | null {
  if (!isUsedUp || jti === null || isServiceAccountToken(claims)) return null;
  return createHash('sha256')
    .update(JSON.stringify([issuer, jti]))
    .digest();
}

/**
 * Builds the statement that finds the narrowest matching rule, and uses the token up if there is one. If two requests
 * present one token concurrently, the second waits for the first one's row and then finds it.
 */
function findRule(
  facts: TokenFacts & VerifiedFacts,
  workspace: string | null,
  fingerprint: Buffer | null,
): Sql<Row> {
  const ofWorkspace =
    workspace === null
      ? sql`true`
      : sql`r.workspace_id = (SELECT id FROM workspaces WHERE slug = ${workspace})`;
  return sql<Row>`WITH candidates AS MATERIALIZED (
      ${candidates(facts, ofWorkspace, MAX_CANDIDATES + 1)}
    ), matching AS MATERIALIZED (
      SELECT r.* FROM candidates r WHERE ${subjectMatches(facts)} AND NOT EXISTS ${unmetClaims(facts)}
    ), doubt AS (
      SELECT count(DISTINCT workspace_id) > 1 AS is_ambiguous FROM matching
    ), chosen AS MATERIALIZED (
      SELECT r.* FROM matching r WHERE (SELECT count(*) FROM candidates) <= ${MAX_CANDIDATES}
      ORDER BY ${NARROWEST_FIRST} LIMIT 1
    ), used_up AS (
      INSERT INTO workload_tokens (fingerprint, expires_at)
      SELECT ${fingerprint}::bytea, ${facts.expiresAt}::timestamptz FROM chosen, doubt
        WHERE ${fingerprint}::bytea IS NOT NULL AND NOT doubt.is_ambiguous
      ON CONFLICT DO NOTHING RETURNING 1
    )
    SELECT r.id, r.name, r.revision, r.bound, r.repository_ids, r.workspace_id, w.slug, doubt.is_ambiguous,
      ${fingerprint}::bytea IS NOT NULL AND NOT EXISTS (SELECT FROM used_up) AS is_replayed,
      r.last_used_at IS NULL OR r.last_used_at < now() - interval '1 minute' AS use_is_stale,
      ${INSTALLATIONS_OF_W} AS installations, ${STOP_OF_W} AS stop
    FROM doubt LEFT JOIN chosen r ON true LEFT JOIN workspaces w ON w.id = r.workspace_id
    WHERE r.id IS NOT NULL OR doubt.is_ambiguous`;
}

type VerifiedFacts = Pick<VerifiedToken, 'expiresAt'>;

function ambiguous(): Problem {
  return new Problem('invalid_request', 'Rules of several workspaces match this identity token.', {
    errors: [{ path: 'X-Workspace', message: 'name the workspace’s slug in this header' }],
  });
}

function toActor(row: Row, { issuer, subject }: VerifiedToken): WorkloadActor {
  return {
    type: 'workload',
    id: row.id,
    label: subject.slice(0, MAX_LABEL_CHARACTERS).toWellFormed(),
    workspace: { id: row.workspace_id, slug: row.slug },
    repositoryIds: row.bound ? row.repository_ids.map(Number) : null,
    issuer,
    subject,
    rule: { id: row.id, name: row.name, revision: row.revision },
  };
}

/** Ids of the rules whose last use this process is currently writing. */
const touching = new Set<string>();

/** Records when and from where a rule was used, at most once a minute. */
function touch(id: string, clientIp: string | null): void {
  if (touching.has(id)) return;
  touching.add(id);
  const statement = sql`UPDATE trust_rules SET last_used_at = now(), last_used_ip = ${clientIp}::inet
    WHERE id = ${id}::uuid AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`;
  execute('mint', statement)
    .catch((error: unknown) =>
      log.warn({ err: error, trust_rule_id: id }, 'could not note the last use of a trust rule'),
    )
    .finally(() => touching.delete(id));
}
