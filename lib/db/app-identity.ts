import { getConfig } from '../config';
import { getPool } from './pool';

/** Thrown at start when the database belongs to another App or environment than this process. */
class WrongDatabase extends Error {
  override readonly name = 'WrongDatabase';
}

/**
 * Claims an empty database for this App and environment on the first start. Later starts refuse a database that
 * belongs to another App or environment: dev, demo, staging and prod each have their own.
 *
 * @throws {WrongDatabase} naming both sides; or the database's error
 */
export async function assertAppIdentity(): Promise<void> {
  const { environment, github } = getConfig();
  await getPool('work').query(
    'INSERT INTO app_identity (environment, github_app_id) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [environment, github.appId],
  );
  const { rows } = await getPool('work').query<{ environment: string; github_app_id: string }>(
    'SELECT environment, github_app_id::text FROM app_identity',
  );
  const owner = rows[0];
  if (owner === undefined) throw new WrongDatabase('The database does not say which App it belongs to.');
  if (owner.environment !== environment)
    throw new WrongDatabase(
      `PULSESTREAM_ENV is "${environment}", but this database belongs to the environment "${owner.environment}".`,
    );
  if (Number(owner.github_app_id) !== github.appId)
    throw new WrongDatabase(
      `GITHUB_APP_ID is ${github.appId}, but this database belongs to the App ${owner.github_app_id}.`,
    );
}
