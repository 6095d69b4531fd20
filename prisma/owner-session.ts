/** Connects the operator's CLI as the database owner role, for the few things that the app's role may not do. */
import pg from 'pg';

/** The key of an advisory lock, so that only one such session works at a time. Differs from the one of migrations. */
const ADVISORY_LOCK = 5_147_220_602;

/**
 * Runs `work` as the database owner role.
 *
 * @param ownerUrl must not go through a transaction pooler, because the session holds an advisory lock
 * @throws if the role may not delete archived events, or another such session is open
 */
export async function asDatabaseOwner<T>(
  ownerUrl: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ may: boolean; locked: boolean }>(
      `SELECT has_table_privilege('public.audit_archives', 'INSERT') AS may,
        pg_try_advisory_lock($1) AS locked`,
      [ADVISORY_LOCK],
    );
    if (!rows[0]?.may)
      throw new Error('this needs the database owner role: set MIGRATION_DATABASE_URL to its URL');
    if (!rows[0].locked)
      throw new Error('another process is archiving or erasing; try again when it is done');
    return await work(client);
  } finally {
    await client.end();
  }
}
