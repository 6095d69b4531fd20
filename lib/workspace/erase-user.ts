/** Erases a user: everything that the database holds about the person, except what the audit logs have recorded. */
import type { Actor, RequestOrigin } from '../actor';
import { getDb, inTransaction } from '../db/client';
import { execute, query, sql } from '../db/sql';
import { Problem } from '../problem';
import { lockWorkspace } from './authority';
import { endInvitationsFor } from './invitations';
import { removeMember } from './members';

type By = { actor: Actor; origin: RequestOrigin };
type User = { id: string; email: string };

/** Counts by table. */
export type UserErasure = {
  user_id: string;
  /** Slugs of the workspaces that the user is removed from. */
  removed_from: string[];
  deleted: { users: number; identities: number; invitations: number; connect_attempts: number };
  /** Rows of a workspace that no longer name the user as the one who made them. */
  cleared: { api_keys: number; trust_rules: number; installations: number };
  /** Audit events by the user. Their chain would break, so they stay until they are archived. */
  kept: { audit_events: number };
};

/**
 * Counts what {@link eraseUser} would do.
 *
 * @throws {Problem} `forbidden` if the user is the last owner of a workspace, which nobody could administer then
 */
export async function planUserErasure({ id, email }: User): Promise<UserErasure> {
  const memberships = await query(
    getDb(),
    sql<{ slug: string; is_last_owner: boolean }>`
      SELECT w.slug, m.role = 'owner' AND NOT EXISTS (SELECT FROM memberships AS o
        WHERE o.workspace_id = m.workspace_id AND o.role = 'owner' AND o.user_id <> m.user_id) AS is_last_owner
      FROM memberships AS m JOIN workspaces AS w ON w.id = m.workspace_id WHERE m.user_id = ${id}::uuid ORDER BY w.slug`,
  );
  const owned = memberships.filter((each) => each.is_last_owner).map(({ slug }) => slug);
  if (owned.length > 0)
    throw new Problem(
      'forbidden',
      `This is the last owner of ${owned.join(', ')}. Make somebody else an owner first.`,
    );
  const [counts] = await query(
    getDb(),
    sql<{ [name: string]: number }>`SELECT
      (SELECT count(*)::int FROM identities WHERE user_id = ${id}::uuid) AS identities,
      (SELECT count(*)::int FROM invitations WHERE email = ${email}) AS invitations,
      (SELECT count(*)::int FROM connect_attempts WHERE user_id = ${id}::uuid) AS connect_attempts,
      (SELECT count(*)::int FROM api_keys WHERE created_by = ${id}::uuid) AS api_keys,
      (SELECT count(*)::int FROM trust_rules WHERE created_by = ${id}::uuid) AS trust_rules,
      (SELECT count(*)::int FROM installations WHERE bound_by = ${id}::uuid) AS installations,
      (SELECT coalesce(sum(n), 0)::int FROM workspaces AS w CROSS JOIN LATERAL (SELECT count(*) AS n
        FROM audit_events AS e WHERE e.workspace_id = w.id AND e.actor_id = ${id}) AS events) AS audit_events`,
  );
  const count = (name: string) => counts?.[name] ?? 0;
  return {
    user_id: id,
    removed_from: memberships.map(({ slug }) => slug),
    deleted: {
      users: 1,
      identities: count('identities'),
      invitations: count('invitations'),
      connect_attempts: count('connect_attempts'),
    },
    cleared: {
      api_keys: count('api_keys'),
      trust_rules: count('trust_rules'),
      installations: count('installations'),
    },
    kept: { audit_events: count('audit_events') },
  };
}

/**
 * Erases a user. Each workspace's log records the removal and the invitations that end, in the transaction of the
 * change. API keys, trust rules and connections stay, because they belong to the workspace. If it fails on the way, repeat it.
 *
 * @returns what was erased, and what is kept
 * @throws {Problem} as {@link planUserErasure} does
 */
export async function eraseUser(user: User, by: By): Promise<UserErasure> {
  const plan = await planUserErasure(user);
  const db = getDb();
  const memberships = await db.membership.findMany({ where: { userId: user.id } });
  for (const { workspaceId } of memberships) await removeMember({ ...by, workspaceId }, user.id);
  const invited = await db.invitation.findMany({
    where: { email: user.email, acceptedAt: null },
    distinct: ['workspaceId'],
    select: { workspaceId: true },
  });
  for (const { workspaceId } of invited)
    await inTransaction(async (tx) => {
      await lockWorkspace(tx, workspaceId);
      await endInvitationsFor(tx, { ...by, workspaceId }, user.id);
    });
  await eraseRows(user);
  // Events that this erasure itself has recorded are the operator's, so the plan's count stays right.
  return plan;
}

/**
 * Deletes the user, unless somebody has made the user a member meanwhile: that removal has to be recorded, too. Locks in
 * the order of docs/decisions/0012, and no head of an audit chain.
 */
async function eraseRows({ id, email }: User): Promise<void> {
  await inTransaction(async (tx) => {
    await execute(
      tx,
      sql`UPDATE api_keys SET created_by = NULL WHERE id = ANY(ARRAY(
        SELECT id FROM api_keys WHERE created_by = ${id}::uuid ORDER BY id FOR UPDATE))`,
    );
    await execute(
      tx,
      sql`UPDATE trust_rules SET created_by = NULL WHERE id = ANY(ARRAY(
        SELECT id FROM trust_rules WHERE created_by = ${id}::uuid ORDER BY id FOR UPDATE))`,
    );
    await execute(
      tx,
      sql`UPDATE installations SET bound_by = NULL WHERE id = ANY(ARRAY(
        SELECT id FROM installations WHERE bound_by = ${id}::uuid ORDER BY id FOR UPDATE))`,
    );
    await execute(tx, sql`DELETE FROM connect_attempts WHERE user_id = ${id}::uuid`);
    await execute(tx, sql`DELETE FROM invitations WHERE email = ${email} AND accepted_at IS NOT NULL`);
    // An invitation without an inviter counts as the operator's, and is always valid. So clear only ended ones.
    await execute(
      tx,
      sql`UPDATE invitations SET invited_by = NULL
        WHERE invited_by = ${id}::uuid AND (accepted_at IS NOT NULL OR expires_at < now())`,
    );
    const deleted = await execute(
      tx,
      sql`DELETE FROM users AS u WHERE id = ${id}::uuid
        AND NOT EXISTS (SELECT FROM memberships AS m WHERE m.user_id = u.id)
        AND NOT EXISTS (SELECT FROM invitations AS i WHERE i.email = u.email)`,
    );
    if (deleted === 0)
      throw new Error('the user was added or invited again at this moment; repeat the command');
  });
}
