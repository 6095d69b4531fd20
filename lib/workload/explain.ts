import { getDb } from '../db/client';
import { query, sql } from '../db/sql';
import { comparableClaims } from './claims';
import { NARROWEST_FIRST, subjectMatches, type TokenFacts, unmetClaims } from './matching';
import { REFUSALS, type Refusal, WorkloadTokenRefused } from './refusals';
import { type VerifiedToken, verifyWorkloadToken } from './verify';

/** How one rule compares with a token. `wins` is the rule that a request with this token would get. */
export type RuleVerdict =
  | { verdict: 'wins' | 'narrower_rule_wins' | 'expired' | 'subject_differs' }
  | { verdict: 'claims_differ'; claims: { name: string; wanted: string; found: string | null }[] };

export type ExplainedRule = { id: string; name: string; subject: string } & RuleVerdict;

export type Explanation =
  | { verified: false; reason: Refusal; sentence: string }
  | { verified: true; issuer: string; subject: string; expires_at: string; rules: ExplainedRule[] };

/**
 * Explains to an admin which of the workspace's rules a token matches, and what the others miss. Uses nothing up, and
 * stores nothing. Rules of the token's issuer that are not revoked are compared, whether their subject matches or not.
 *
 * @throws {Problem} `overloaded` while the issuer does not answer
 */
export async function explainToken(workspaceId: string, token: string): Promise<Explanation> {
  let verified: VerifiedToken;
  try {
    verified = await verifyWorkloadToken(token.trim());
  } catch (error) {
    if (!(error instanceof WorkloadTokenRefused)) throw error;
    return { verified: false, reason: error.reason, sentence: REFUSALS[error.reason] };
  }
  const { issuer, subject, expiresAt } = verified;
  const facts = { issuer, subject, claims: comparableClaims(verified.claims) };
  const rows = await compareRules(workspaceId, facts);
  const winner = rows.find(isMatch)?.id;
  return {
    verified: true,
    issuer,
    subject,
    expires_at: expiresAt.toISOString(),
    rules: rows.map((row) => ({
      id: row.id,
      name: row.name,
      subject: row.subject,
      ...verdictOf(row, row.id === winner, facts),
    })),
  };
}

type Row = {
  id: string;
  name: string;
  subject: string;
  is_expired: boolean;
  subject_matches: boolean;
  unmet: { name: string; wanted: string }[];
};

const isMatch = ({ is_expired, subject_matches, unmet }: Row): boolean =>
  !is_expired && subject_matches && unmet.length === 0;

/** Compares the workspace's rules by the expressions that authentication uses, the narrowest first. */
function compareRules(workspaceId: string, facts: TokenFacts): Promise<Row[]> {
  return query(
    getDb(),
    sql<Row>`SELECT r.id, r.name, r.subject, coalesce(r.expires_at <= now(), false) AS is_expired,
        ${subjectMatches(facts)} AS subject_matches,
        (SELECT coalesce(json_agg(json_build_object('name', u.key, 'wanted', u.value) ORDER BY u.key), '[]')
          FROM ${unmetClaims(facts)} AS u) AS unmet
      FROM trust_rules r
      WHERE r.workspace_id = ${workspaceId}::uuid AND r.issuer = ${facts.issuer} AND r.revoked_at IS NULL
      ORDER BY ${NARROWEST_FIRST}`,
  );
}

function verdictOf(row: Row, wins: boolean, { claims }: TokenFacts): RuleVerdict {
  if (row.is_expired) return { verdict: 'expired' };
  if (!row.subject_matches) return { verdict: 'subject_differs' };
  if (row.unmet.length > 0)
    return {
      verdict: 'claims_differ',
      claims: row.unmet.map((claim) => ({ ...claim, found: claims.get(claim.name) ?? null })),
    };
  return { verdict: wins ? 'wins' : 'narrower_rule_wins' };
}
