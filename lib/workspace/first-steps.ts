import { getDb } from '../db/client';
import { query, sql } from '../db/sql';

/** The newest live key or trust rule of a workspace that has got no token yet. */
export type WaitingCredential = { kind: 'api_key' | 'trust_rule'; id: string; name: string };

/** How far a workspace is on its way from a connection to a clone. */
export type FirstSteps = {
  isConnected: boolean;
  /** Whether an active connection shares a repository, as of its last sync. */
  hasRepositories: boolean;
  areKeysAllowed: boolean;
  /** `null` without one, and also once the first token was issued. A key comes before a trust rule. */
  waiting: WaitingCredential | null;
  /**
   * A token of the first day on which one was issued. Tokens of syncs don't count. GitHub reports nothing about clones,
   * so this is the last step that we can see.
   */
  firstToken: { issued_at: string; to: string } | null;
  /** Whether the workspace has a second member or a pending invitation. */
  hasInvited: boolean;
  /** Whether this user has hidden the steps of this workspace. */
  isHidden: boolean;
};

type Row = {
  is_connected: boolean;
  has_repositories: boolean;
  keys_allowed: boolean;
  waiting_kind: WaitingCredential['kind'] | null;
  waiting_id: string;
  waiting_name: string;
  issued_at: Date | null;
  issued_to: string | null;
  has_invited: boolean;
  is_hidden: boolean;
};

/** Reads a workspace's first steps. Each part is one index look-up, because the page asks every few seconds. */
export async function readFirstSteps(workspaceId: string, userId: string): Promise<FirstSteps> {
  const ofWorkspace = sql`workspace_id = ${workspaceId}::uuid`;
  const live = sql`${ofWorkspace} AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`;
  // The order is that of the index `audit_events_tokens_by_day_idx`, so the first entry is enough.
  const first = sql`SELECT occurred_at, actor_label FROM audit_events
    WHERE ${ofWorkspace} AND type = 'github.token_minted' AND actor_id <> 'system:sync'
    ORDER BY (occurred_at AT TIME ZONE 'UTC')::date LIMIT 1`;
  const waiting = sql`
    SELECT * FROM (
      (SELECT 'api_key' AS kind, id, name FROM api_keys
        WHERE ${live} AND w.api_keys_allowed ORDER BY created_at DESC, id LIMIT 1)
      UNION ALL
      (SELECT 'trust_rule', id, name FROM trust_rules WHERE ${live} ORDER BY created_at DESC, id LIMIT 1)
    ) AS credentials WHERE first.occurred_at IS NULL ORDER BY kind LIMIT 1`;
  const [row] = await query(
    'work',
    sql<Row>`SELECT w.api_keys_allowed AS keys_allowed,
        waiting.kind AS waiting_kind, waiting.id AS waiting_id, waiting.name AS waiting_name,
        first.occurred_at AS issued_at, first.actor_label AS issued_to,
        EXISTS (SELECT FROM installations WHERE ${ofWorkspace} AND status <> 'deleted') AS is_connected,
        EXISTS (SELECT FROM installations WHERE ${ofWorkspace} AND status = 'active' AND repository_count > 0)
          AS has_repositories,
        (SELECT count(*) FROM (SELECT FROM memberships WHERE ${ofWorkspace} LIMIT 2) AS members) > 1
          OR EXISTS (SELECT FROM invitations WHERE ${ofWorkspace} AND accepted_at IS NULL AND expires_at > now())
          AS has_invited,
        EXISTS (SELECT FROM memberships WHERE ${ofWorkspace} AND user_id = ${userId}::uuid AND hides_first_steps)
          AS is_hidden
      FROM workspaces AS w
        LEFT JOIN LATERAL (${first}) AS first ON true
        LEFT JOIN LATERAL (${waiting}) AS waiting ON true
      WHERE w.id = ${workspaceId}::uuid`,
  );
  if (row === undefined) throw new Error('the workspace of a signed-in member does not exist');
  const { issued_at, issued_to, waiting_kind: kind } = row;
  return {
    isConnected: row.is_connected,
    hasRepositories: row.has_repositories,
    areKeysAllowed: row.keys_allowed,
    waiting: kind === null ? null : { kind, id: row.waiting_id, name: row.waiting_name },
    firstToken: issued_at === null ? null : { issued_at: issued_at.toISOString(), to: issued_to ?? '' },
    hasInvited: row.has_invited,
    isHidden: row.is_hidden,
  };
}

/** Hides the first steps of a workspace from one of its members, or shows them again. Others keep theirs. */
export async function hideFirstSteps(workspaceId: string, userId: string, isHidden: boolean): Promise<void> {
  await getDb().membership.updateMany({
    where: { workspaceId, userId },
    data: { hidesFirstSteps: isHidden },
  });
}
