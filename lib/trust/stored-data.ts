import { listTables } from '../db/columns';

/**
 * Columns that hold what GitHub told us. docs/claims.md has the same list and a test keeps it complete; the Trust page
 * shows those of them that the database really has.
 */
const FROM_GITHUB: Readonly<Record<string, readonly string[]>> = {
  installations: [
    'id',
    'account_id',
    'account_login',
    'account_type',
    'repository_selection',
    'status',
    'suspended_at',
    'deleted_at',
    'installed_by_github_id',
    'requested_by_github_id',
  ],
  repositories: [
    'id',
    'installation_id',
    'owner',
    'name',
    'clone_url',
    'default_branch',
    'private',
    'archived',
  ],
  connect_attempts: [
    'candidate_installation_id',
    'proven_installation_ids',
    'requester_github_id',
    'requested_account_id',
    'requested_account_login',
  ],
  webhook_deliveries: ['id', 'event', 'action', 'installation_id'],
  api_keys: ['repository_ids'],
  identities: ['provider', 'provider_account_id'],
  users: ['email', 'name'],
  audit_events: ['installation_id', 'details'],
  app_identity: ['github_app_id'],
};

const SPEAKS_OF_A_SECRET = /token|secret|password|credential|private_key/;

type StoredData = {
  tables: { name: string; columns: string[] }[];
  /** Every column of the whole database whose name speaks of a secret. */
  secretSounding: string[];
};

/** Read from the database's own catalogue at this moment. */
export async function readStoredData(): Promise<StoredData> {
  const tables = await listTables();
  return {
    tables: tables
      .map(({ name, columns }) => ({
        name,
        columns: columns.filter((column) => FROM_GITHUB[name]?.includes(column)),
      }))
      .filter(({ columns }) => columns.length > 0),
    secretSounding: tables.flatMap(({ name, columns }) =>
      columns.filter((column) => SPEAKS_OF_A_SECRET.test(column)).map((column) => `${name}.${column}`),
    ),
  };
}
