import { getConfig } from '../config';
import { execute, query, sql } from './sql';

/** Thrown at startup if the database belongs to another App or environment than this process. */
class WrongDatabase extends Error {
  override readonly name = 'WrongDatabase';
}

/**
 * Compares the database's owner with this process's App and environment. Writes nothing.
 *
 * @returns `undefined` if they agree, `unclaimed` for a database that no process has started on, otherwise what differs
 * @throws the database's error
 */
export async function compareAppIdentity(): Promise<'unclaimed' | { differs: string } | undefined> {
  const { environment, github } = getConfig();
  const [owner] = await query(
    'work',
    sql<{ environment: string; github_app_id: bigint }>`SELECT environment, github_app_id FROM app_identity`,
  );
  if (owner === undefined) return 'unclaimed';
  if (owner.environment !== environment)
    return {
      differs: `PULSESTREAM_ENV is "${environment}", but this database belongs to the environment "${owner.environment}".`,
    };
  if (Number(owner.github_app_id) !== github.appId)
    return {
      differs: `GITHUB_APP_ID is ${github.appId}, but this database belongs to the App ${owner.github_app_id}.`,
    };
  return undefined;
}

/**
 * Makes sure that the database belongs to this App and environment. The first start claims an empty database. Later
 * starts refuse a database claimed by another App or environment, because dev, demo, staging and prod must not share
 * one.
 *
 * @throws {WrongDatabase} naming the expected and the actual App or environment; or the database's error if the query
 *   fails
 */
export async function assertAppIdentity(): Promise<void> {
  const { environment, github } = getConfig();
  await execute(
    'work',
    sql`INSERT INTO app_identity (environment, github_app_id) VALUES (${environment}, ${github.appId})
      ON CONFLICT DO NOTHING`,
  );
  const compared = await compareAppIdentity();
  if (compared === 'unclaimed') throw new WrongDatabase('The database does not say which App it belongs to.');
  if (compared !== undefined) throw new WrongDatabase(compared.differs);
}
