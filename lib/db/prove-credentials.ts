import { Client } from 'pg';
import type { Config } from '../config';
import { assertAppRole } from './app-role';
import { isPasswordRefused } from './pool';

/** Thrown if new credentials cannot replace the ones in use. The message contains no part of a value. */
class CredentialsRefused extends Error {
  override readonly name = 'CredentialsRefused';
}

/**
 * Selects a privilege that the role `$1` has in the schema and this session's role lacks. Without that privilege,
 * requests would fail after the change.
 */
const LACKING = `
WITH old AS (SELECT to_regrole(quote_ident($1)) AS role), tables AS (
  SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v'))
SELECT p || ' on ' || t.oid::regclass AS privilege FROM old, tables AS t, unnest(ARRAY['DELETE']) AS p
  WHERE has_table_privilege(old.role, t.oid, p) AND NOT has_table_privilege(t.oid, p)
UNION ALL SELECT p || ' on ' || t.oid::regclass || '.' || a.attname
  FROM old, tables AS t JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped,
    unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) AS p
  WHERE has_column_privilege(old.role, t.oid, a.attnum, p) AND NOT has_column_privilege(t.oid, a.attnum, p)
LIMIT 1`;

/** How long to wait for a connection. */
const CONNECT_MS = 5000;

/** Returns a URL without user, password and parameters. */
function databaseOf(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/**
 * Checks new credentials for the database that is in use. The database must accept one of the passwords. A new role must
 * have the privileges of the one in use, and no more than the app may have.
 *
 * @param urls the URLs in use
 * @throws {CredentialsRefused} for another database, a role that lacks privileges, or if no password is accepted;
 *   {@link TooMuchPower}; the database's error
 */
export async function proveCredentials(urls: readonly string[], next: Config): Promise<void> {
  const [now = ''] = urls;
  if (next.databaseUrls.some((url) => databaseOf(url) !== databaseOf(now)))
    throw new CredentialsRefused('DATABASE_URL: another server or database needs a restart');
  for (const url of next.databaseUrls) if (await isAccepted(url, now, next)) return;
  throw new CredentialsRefused('DATABASE_URL: the database rejects the user or the password');
}

const userOf = (url: string) => decodeURIComponent(new URL(url).username);

async function isAccepted(connectionString: string, now: string, next: Config): Promise<boolean> {
  const client = new Client({ connectionString, connectionTimeoutMillis: CONNECT_MS });
  // Without a listener, a connection that breaks would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    await assertAppRole(next, client);
    const { rows } = await client.query<{ privilege: string }>(LACKING, [userOf(now)]);
    const [lacking] = rows;
    if (lacking !== undefined)
      throw new CredentialsRefused(
        `DATABASE_URL: the new role lacks ${lacking.privilege}, which the app uses`,
      );
    return true;
  } catch (error) {
    if (isPasswordRefused(error)) return false;
    throw error;
  } finally {
    await client.end().catch(() => {});
  }
}
