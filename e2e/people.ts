/**
 * Creates signed-in users with workspaces directly in the database, because that's faster than running the operator's
 * CLI.
 */
import type { BrowserContext } from '@playwright/test';
import { encode } from 'next-auth/jwt';
import type { Client } from 'pg';
import { displayPrefix, generateApiKey } from '../lib/api-keys/key';
import { appEnvironment, unique } from './fixtures';
import { asDatabaseOwner, workspaceId } from './installations';

export interface Person {
  id: string;
  email: string;
  slug: string;
}

type Role = 'owner' | 'admin' | 'member';

/** Creates a new workspace with its owner. */
export async function newOwner(name = 'Acme', env = appEnvironment()): Promise<Person> {
  const slug = unique('acme');
  const email = `${slug}@acme.test`;
  return asDatabaseOwner(async (db) => {
    await db.query('INSERT INTO workspaces (slug, name) VALUES ($1, $2)', [slug, name]);
    const id = await join(db, slug, { email, role: 'owner' });
    await record(db, slug, 'workspace.created', { slug, name, owner: { user_id: id, email } });
    return { id, email, slug };
  }, env);
}

/** Creates a user and adds them to an existing workspace. */
export async function newMember(slug: string, role: Role, env = appEnvironment()): Promise<Person> {
  const email = `${unique(role)}@acme.test`;
  return asDatabaseOwner(async (db) => {
    const id = await join(db, slug, { email, role });
    await record(db, slug, 'member.added', { user_id: id, email, role });
    return { id, email, slug };
  }, env);
}

/** Creates an API key that can read all of the workspace's repositories. */
export async function newApiKey(
  slug: string,
  name: string,
  env = appEnvironment(),
): Promise<{ id: string; key: string }> {
  const key = generateApiKey('demo');
  return asDatabaseOwner(async (db) => {
    const { rows } = await db.query<{ id: string }>(
      `INSERT INTO api_keys (workspace_id, hash, display_prefix, name)
        VALUES ($1, sha256(convert_to($2, 'UTF8')), $3, $4) RETURNING id`,
      [await workspaceId(db, slug), key, displayPrefix(key), name],
    );
    const id = rows[0]?.id ?? '';
    await record(db, slug, 'api_key.created', { api_key_id: id, name });
    return { id, key };
  }, env);
}

async function join(
  db: Client,
  slug: string,
  { email, role }: { email: string; role: Role },
): Promise<string> {
  const { rows } = await db.query<{ user_id: string }>(
    `WITH person AS (INSERT INTO users (email) VALUES ($1) RETURNING id)
      INSERT INTO memberships (workspace_id, user_id, role)
      SELECT w.id, p.id, $3::text::role FROM workspaces w, person p WHERE w.slug = $2 RETURNING user_id`,
    [email, slug, role],
  );
  if (rows[0] === undefined) throw new Error(`no workspace ${slug}`);
  return rows[0].user_id;
}

async function record(db: Client, slug: string, type: string, details: object): Promise<void> {
  await db.query(
    `INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, request_id, details)
      VALUES ($1, $2, 'system', 'system:cli', 'system:cli', 'r', $3)`,
    [await workspaceId(db, slug), type, JSON.stringify(details)],
  );
}

/** Returns the audit log's cursor for the events older than this one. */
export function olderThan(seq: number): string {
  return Buffer.from(JSON.stringify(['older', seq])).toString('base64url');
}

/** Gives the browser a session cookie, as next-auth does after a sign-in. */
export async function signInAs(
  context: BrowserContext,
  { id, email }: Pick<Person, 'id' | 'email'>,
  env = appEnvironment(),
): Promise<void> {
  const secret = env.NEXTAUTH_SECRET ?? '';
  // Makes the session look as if the sign-in had verified the email address.
  const value = await encode({ token: { sub: id, verified_email: email }, secret });
  await context.addCookies([
    { name: 'next-auth.session-token', value, url: env.NEXTAUTH_URL ?? '', httpOnly: true, sameSite: 'Lax' },
  ]);
}
