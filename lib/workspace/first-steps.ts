import { query, sql } from '../db/sql';

/** How far a workspace is on its way from a connection to a clone. */
export type FirstSteps = {
  areKeysAllowed: boolean;
  /** Whether a live API key or trust rule exists. */
  hasCredential: boolean;
  /** A token of the first day on which one was issued. Tokens of syncs don't count. */
  firstToken: { issued_at: string; to: string } | null;
  /** Whether a service has handed a token back, as the command on the page does after its clone. */
  hasHandedBack: boolean;
  /** Whether the workspace has a second member or a pending invitation. */
  hasInvited: boolean;
};

type Row = {
  keys_allowed: boolean;
  has_credential: boolean;
  issued_at: Date | null;
  issued_to: string | null;
  has_handed_back: boolean;
  has_invited: boolean;
};

/** Reads a workspace's first steps. Each part is one index look-up, because the page asks every few seconds. */
export async function readFirstSteps(workspaceId: string): Promise<FirstSteps> {
  const ofWorkspace = sql`workspace_id = ${workspaceId}::uuid`;
  const live = sql`${ofWorkspace} AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`;
  // The order is that of the index `audit_events_tokens_by_day_idx`, so the first entry is enough.
  const first = sql`SELECT occurred_at, actor_label FROM audit_events
    WHERE ${ofWorkspace} AND type = 'github.token_minted' AND actor_id <> 'system:sync'
    ORDER BY (occurred_at AT TIME ZONE 'UTC')::date LIMIT 1`;
  // Ordered, because PostgreSQL would read a log in sequence where it expects many of them.
  const handedBack = sql`SELECT seq FROM audit_events WHERE ${ofWorkspace} AND type = 'github.token_revoked'
    ORDER BY seq LIMIT 1`;
  const [row] = await query(
    'work',
    sql<Row>`SELECT w.api_keys_allowed AS keys_allowed,
        (w.api_keys_allowed AND EXISTS (SELECT FROM api_keys WHERE ${live}))
          OR EXISTS (SELECT FROM trust_rules WHERE ${live}) AS has_credential,
        first.occurred_at AS issued_at, first.actor_label AS issued_to,
        (${handedBack}) IS NOT NULL AS has_handed_back,
        (SELECT count(*) FROM (SELECT FROM memberships WHERE ${ofWorkspace} LIMIT 2) AS members) > 1
          OR EXISTS (SELECT FROM invitations WHERE ${ofWorkspace} AND accepted_at IS NULL AND expires_at > now())
          AS has_invited
      FROM workspaces AS w LEFT JOIN LATERAL (${first}) AS first ON true WHERE w.id = ${workspaceId}::uuid`,
  );
  if (row === undefined) throw new Error('the workspace of a signed-in member does not exist');
  const { issued_at, issued_to } = row;
  return {
    areKeysAllowed: row.keys_allowed,
    hasCredential: row.has_credential,
    firstToken: issued_at === null ? null : { issued_at: issued_at.toISOString(), to: issued_to ?? '' },
    hasHandedBack: row.has_handed_back,
    hasInvited: row.has_invited,
  };
}
