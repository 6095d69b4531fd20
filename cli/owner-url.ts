import { readDatabaseUrls } from '../lib/config/database-urls';
import { UsageError } from './command';

/**
 * Returns the URL of the database owner role, for commands that delete what the app's role may not.
 *
 * @throws {UsageError} if the variable is missing
 */
export function readOwnerUrl(): string {
  const { ownerUrl, appUrl } = readDatabaseUrls(process.env);
  if (ownerUrl === appUrl && process.env.MIGRATION_DATABASE_URL === undefined)
    throw new UsageError('set MIGRATION_DATABASE_URL to the URL of the database owner role');
  return ownerUrl;
}
