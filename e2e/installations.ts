/**
 * Writes installations in any status to the database, so that a workspace looks as if it had been in use for months.
 */
import pg from 'pg';
import { appEnvironment } from './fixtures';

/** Connects with the database owner role, passes the connection to `run`, and returns its result. */
export async function asDatabaseOwner<T>(
  run: (db: pg.Client) => Promise<T>,
  env = appEnvironment(),
): Promise<T> {
  const db = new pg.Client(env.MIGRATION_DATABASE_URL);
  await db.connect();
  try {
    return await run(db);
  } finally {
    await db.end();
  }
}

export async function workspaceId(db: pg.Client, slug: string): Promise<string> {
  const { rows } = await db.query<{ id: string }>('SELECT id FROM workspaces WHERE slug = $1', [slug]);
  if (rows[0] === undefined) throw new Error(`no workspace ${slug}`);
  return rows[0].id;
}

/** Returns a GitHub id that isn't in use. */
export const unusedId = (): number => 5_000_000_000 + Math.floor(Math.random() * 1e9);

type NewInstallation = { id: number; login: string; status?: 'active' | 'suspended' | 'deleted' };

/**
 * Adds an installation that the local GitHub doesn't have. It's dated tomorrow, so that no reconcile takes it for
 * uninstalled.
 *
 * @param workspace the workspace's id; `null` if nobody has connected the installation
 */
export async function addInstallation(
  db: pg.Client,
  workspace: string | null,
  { id, login, status = 'active' }: NewInstallation,
): Promise<void> {
  await db.query(
    `INSERT INTO installations (id, workspace_id, account_id, account_login, account_type, repository_selection,
        bound_at, created_at, synced_at, status, suspended_at, deleted_at)
      VALUES ($1, $2, $1, $3, 'Organization', 'all', CASE WHEN $2::uuid IS NOT NULL THEN now() END,
        now() + interval '1 day', now(), $4::text::installation_status,
        CASE WHEN $4 = 'suspended' THEN now() END, CASE WHEN $4 = 'deleted' THEN now() END)`,
    [id, workspace, login, status],
  );
}

/** Stores an API key whose secret nobody has, and returns its id. Audit rows of mints need the id of a stored key. */
export async function addApiKey(db: pg.Client, workspace: string, name: string): Promise<string> {
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO api_keys (workspace_id, hash, display_prefix, name)
      VALUES ($1, sha256(convert_to(gen_random_uuid()::text, 'UTF8')), 'psk_demo_abcd', $2) RETURNING id`,
    [workspace, name],
  );
  if (rows[0] === undefined) throw new Error('no key was stored');
  return rows[0].id;
}

/** Stores a trust rule for all repositories, and returns its id. */
export async function addTrustRule(
  db: pg.Client,
  workspace: string,
  { name, issuer, subject, claims = {} }: { name: string; issuer: string; subject: string; claims?: object },
): Promise<string> {
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO trust_rules (workspace_id, name, issuer, subject, claims, repository_ids)
      VALUES ($1, $2, $3, $4, $5, '{}') RETURNING id`,
    [workspace, name, issuer, subject, claims],
  );
  if (rows[0] === undefined) throw new Error('no rule was stored');
  return rows[0].id;
}
