import { sharedAnswer } from '../async';
import { listTables } from '../db/columns';

/**
 * Columns that contain GitHub's data. A test ensures that this list matches docs/claims.md. The Trust page shows only
 * columns that exist in the database.
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
    'end_seen_at',
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
  repository_periods: ['installation_id', 'repository_id', 'names'],
  minted_repositories: ['repository_id', 'name'],
  connect_attempts: [
    'candidate_installation_id',
    'proven_installation_ids',
    'proven_by_github_id',
    'proven_by_github_login',
    'requester_github_id',
    'requested_account_id',
    'requested_account_login',
  ],
  webhook_deliveries: ['id', 'event', 'action', 'installation_id', 'body_fingerprint'],
  api_keys: ['repository_ids'],
  trust_rules: ['repository_ids'],
  identities: ['provider', 'provider_account_id'],
  users: ['email', 'name'],
  audit_events: ['installation_id', 'details'],
  app_identity: ['github_app_id'],
  app_keys: ['fingerprint'],
};

/** All other columns, which docs/claims.md lists too. A column on neither list was created outside the migrations. */
const OURS: Readonly<Record<string, readonly string[]>> = {
  installations: [
    'workspace_id',
    'bound_by',
    'bound_at',
    'created_at',
    'uninstall_requested_at',
    'end_seen_by',
    'revision',
    'sync_requested_at',
    'sync_leased_until',
    'sync_lease',
    'sync_read',
    'sync_total',
    'sync_skipped',
    'sync_failures',
    'sync_retry_at',
    'synced_at',
    'sync_error',
    'repository_list_version',
    'repository_count',
    'list_read_seq',
    'list_fingerprint',
  ],
  repositories: ['removed_at'],
  repository_periods: ['from_version', 'until_version', 'from_seq', 'until_seq', 'from_time', 'until_time'],
  minted_repositories: ['workspace_id', 'seq'],
  connect_attempts: [
    'id',
    'state_hash',
    'workspace_id',
    'user_id',
    'status',
    'created_at',
    'expires_at',
    'consumed_at',
    'outcome',
    'browser_digest',
    'confirmation_digest',
  ],
  webhook_deliveries: ['received_at', 'outcome'],
  api_keys: [
    'id',
    'workspace_id',
    'hash',
    'display_prefix',
    'name',
    'bound',
    'created_by',
    'created_at',
    'expires_at',
    'last_used_at',
    'last_used_ip',
    'networks',
    'revoked_at',
  ],
  trust_rules: [
    'id',
    'workspace_id',
    'name',
    'issuer',
    'subject',
    'claims',
    'revision',
    'bound',
    'created_by',
    'created_at',
    'expires_at',
    'last_used_at',
    'last_used_ip',
    'revoked_at',
  ],
  identities: ['user_id', 'created_at'],
  users: ['id', 'created_at', 'signed_out_at'],
  audit_events: [
    'workspace_id',
    'seq',
    'id',
    'occurred_at',
    'workspace_slug',
    'type',
    'actor_type',
    'actor_id',
    'actor_label',
    'client_ip',
    'user_agent',
    'request_id',
    'prev_hash',
    'hash',
  ],
  app_identity: ['singleton', 'environment', 'created_at'],
  app_keys: ['first_used_at'],
};

/** Tables that contain no data from GitHub. */
const OURS_ALONE: readonly string[] = [
  'sessions',
  'workspaces',
  'memberships',
  'invitations',
  'audit_views',
  'audit_chains',
  'audit_archives',
  'reconcile_state',
  'minting_stops',
  'workload_tokens',
  'evidence_links',
];

const SPEAKS_OF_A_SECRET = /token|secret|password|credential|private_key/;

export type StoredData = {
  tables: { name: string; columns: string[] }[];
  /** Every column in the database whose name suggests a secret. */
  secretSounding: string[];
  /** Columns that are in none of the lists above. */
  undeclared: string[];
};

/**
 * Reads the database's catalogue. All users share a result for ten seconds, because anybody may open the Trust page,
 * and page views must not exhaust the database connections.
 */
export const readStoredData = sharedAnswer(readCatalogue, {
  freshMs: 10_000,
  retryMs: 1000,
  patienceMs: 10_000,
});

/** Reads the catalogue without the cache. */
export async function readCatalogue(): Promise<StoredData> {
  const tables = await listTables();
  return {
    tables: tables
      .map(({ name, columns }) => ({
        name,
        columns: columns.filter((column) => FROM_GITHUB[name]?.includes(column)),
      }))
      .filter(({ columns }) => columns.length > 0),
    undeclared: tables.flatMap(({ name, columns }) => {
      if (OURS_ALONE.includes(name)) return [];
      const declared = [...(FROM_GITHUB[name] ?? []), ...(OURS[name] ?? [])];
      return columns.filter((column) => !declared.includes(column)).map((column) => `${name}.${column}`);
    }),
    secretSounding: tables.flatMap(({ name, columns }) =>
      columns.filter((column) => SPEAKS_OF_A_SECRET.test(column)).map((column) => `${name}.${column}`),
    ),
  };
}
