import { ConfigError, type Environment } from '../config';
import { faultOf, trimValue } from './clean-value';
import { databaseUrlFault } from './encryption';
import { publicSecretFault } from './public-secret';
import { postgresUrl, unencryptedServices } from './variables';

/**
 * Reads the database URLs for `db:migrate`. Applies the same rules as the app, but doesn't require the rest of the
 * configuration.
 *
 * @throws {ConfigError} with a message that contains the variable's name, but never its value
 */
export function readDatabaseUrls(env: Environment): { ownerUrl: string; appUrl?: string } {
  const appUrl = readUrl(env, 'DATABASE_URL');
  const ownerUrl = readUrl(env, 'MIGRATION_DATABASE_URL') ?? appUrl;
  if (ownerUrl === undefined)
    throw new ConfigError(['MIGRATION_DATABASE_URL (owner role) or DATABASE_URL: missing']);
  // Nothing connects by the app's URL here; only its user name is read.
  const isDeployed = ['staging', 'prod'].includes(trimValue(env.PULSESTREAM_ENV ?? ''));
  const isExempt = unencryptedServices
    .safeParse(trimValue(env.UNENCRYPTED_ALLOWED ?? ''))
    .data?.includes('database');
  const fault = isDeployed
    ? (publicSecretFault(ownerUrl) ?? (isExempt ? undefined : databaseUrlFault(ownerUrl)))
    : undefined;
  if (fault !== undefined) throw new ConfigError([`MIGRATION_DATABASE_URL or DATABASE_URL: ${fault}`]);
  return { ownerUrl, ...(appUrl !== undefined && { appUrl }) };
}

function readUrl(env: Environment, name: string): string | undefined {
  const value = trimValue(env[name] ?? '');
  if (value === '') return undefined;
  const fault = faultOf(name, value);
  if (fault !== undefined) throw new ConfigError([`${name}: ${fault}`]);
  const { success, data, error } = postgresUrl.safeParse(value);
  if (!success) throw new ConfigError([`${name}: ${error.issues[0]?.message}`]);
  return data;
}
