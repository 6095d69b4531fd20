import type { ApiKeyActor } from '../actor';
import type { RequestOrigin } from '../audit/event';
import { recordAuditEventNow } from '../audit/record';
import { getPool } from '../db/pool';
import { endToken } from '../github/end-token';
import { hashToken } from '../github/installation-token';
import { notFound, Problem } from '../problem';

type HandBack = { actor: ApiKeyActor; origin: RequestOrigin; token: string };

type Mint = { installation_id: string; is_fresh: boolean; is_revoked: boolean };

/** Uses `audit_events_hashed_token_idx`. Who gave the token back before is on record as well. */
const FIND_MINT = `SELECT m.installation_id::text, m.occurred_at > now() - interval '30 seconds' AS is_fresh,
    EXISTS (SELECT FROM audit_events r WHERE r.workspace_id = m.workspace_id
      AND r.type = 'github.token_revoked' AND r.details ->> 'hashed_token' = $2) AS is_revoked
  FROM audit_events m
  WHERE m.workspace_id = $1::uuid AND m.type = 'github.token_minted' AND m.details ->> 'hashed_token' = $2
  LIMIT 1`;

/**
 * Revokes a token that a caller does not need any more. Only one that this workspace was given: it is known by its
 * hash in the audit log, and nothing else is ever sent to GitHub. Repeating it changes nothing, and so does handing
 * back a token whose hour is over.
 *
 * @throws {Problem} `not_found`: not a token of this workspace; `audit_unavailable`: revoked, but not recorded, so
 *   that it has to be repeated; {@link GitHubError}
 */
export async function handBackToken({ actor, origin, token }: HandBack): Promise<void> {
  const hashedToken = hashToken(token);
  const { rows } = await getPool('work').query<Mint>(FIND_MINT, [actor.workspace.id, hashedToken]);
  const mint = rows[0];
  if (mint === undefined) throw notFound();
  if (mint.is_revoked) return;
  const outcome = await endToken(token, mint.is_fresh);
  try {
    await recordAuditEventNow({
      workspaceId: actor.workspace.id,
      type: 'github.token_revoked',
      actor,
      origin,
      installationId: Number(mint.installation_id),
      details: { hashed_token: hashedToken, was_over: outcome === 'was_over' },
    });
  } catch (cause) {
    throw new Problem(
      'audit_unavailable',
      'The token was revoked, but that could not be recorded. Repeat the request.',
      { cause },
    );
  }
}
