/** Writes workspaces to the database in states that would take weeks to reach. */
import pg from 'pg';
import type { Services } from '../services';

const WORKSPACES = `
  WITH made AS (
    INSERT INTO workspaces (slug, name) VALUES ('initech', 'Initech'), ('umbrella', 'Umbrella'),
      ('vandelay', 'Vandelay') RETURNING id
  )
  INSERT INTO memberships (workspace_id, user_id, role)
  SELECT made.id, users.id, 'owner' FROM made, users WHERE email = 'olivia@acme.test'`;

/** These installations are dated tomorrow, so reconcile never regards them as uninstalled. */
const INSTALLATIONS = `
  INSERT INTO installations (id, workspace_id, account_id, account_login, account_type, repository_selection, bound_by,
    bound_at, created_at, synced_at, status, suspended_at, deleted_at, sync_error, sync_retry_at)
  SELECT i.id, w.id, i.id, i.login, 'Organization', 'all', u.id, now() - interval '40 days', now() + interval '1 day',
    now() - interval '2 minutes', i.status::installation_status,
    CASE WHEN i.status = 'suspended' THEN now() - interval '3 days' END,
    CASE WHEN i.status = 'deleted' THEN now() - interval '9 days' END,
    i.sync_error, CASE WHEN i.sync_error IS NOT NULL THEN now() + interval '50 minutes' END
  FROM (VALUES (900001, 'initech', 'initech', 'suspended', NULL),
      (900002, 'initech', 'initech-labs', 'deleted', NULL), (900004, 'initech', 'initech-archive', 'active', 'rate_limited'),
      (900003, 'umbrella', 'umbrella', 'active', NULL), (900005, 'vandelay', 'vandelay', 'active', NULL)) AS i (id, slug, login, status, sync_error)
  JOIN workspaces w ON w.slug = i.slug JOIN users u ON u.email = 'olivia@acme.test'`;

const APPROVAL = `
  INSERT INTO connect_attempts (state_hash, workspace_id, user_id, status, created_at, expires_at)
  SELECT sha256('screens'), w.id, u.id, 'awaiting_approval', now() - interval '1 hour', now() + interval '7 days'
  FROM workspaces w, users u WHERE w.slug = 'initech' AND u.email = 'olivia@acme.test'`;

const INVITATION = `
  INSERT INTO invitations (workspace_id, email, role, expires_at)
  SELECT id, 'ines@acme.test', 'member', now() + interval '6 days' FROM workspaces WHERE slug = 'hooli'`;
/**
 * Writes an audit log of several pages, and another that the database owner role has tampered with: event 7 is forged
 * and event 9 is missing.
 */
const LOGS = `
  INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, client_ip, request_id, details)
  SELECT w.id, 'member.invited', 'user', u.id::text, u.email, '203.0.113.7', 'screens-' || n,
    jsonb_build_object('email', 'person-' || n || '@' || w.slug || '.test', 'role', 'member')
  FROM workspaces w, users u, generate_series(1, 60) AS n
  WHERE u.email = 'olivia@acme.test' AND (w.slug = 'umbrella' OR (w.slug IN ('initech', 'vandelay') AND n <= 12))
  ORDER BY n`;
const INITECH = `(SELECT id FROM workspaces WHERE slug = 'initech')`;
const TAMPER = [
  'ALTER TABLE audit_events DISABLE TRIGGER audit_events_are_append_only',
  'ALTER TABLE audit_events DISABLE TRIGGER audit_events_keep_unarchived',
  `UPDATE audit_events SET details = '{"email":"forged@initech.test","role":"owner"}'
    WHERE workspace_id = ${INITECH} AND seq = 7`,
  `DELETE FROM audit_events WHERE workspace_id = ${INITECH} AND seq = 9`,
  'ALTER TABLE audit_events ENABLE ALWAYS TRIGGER audit_events_are_append_only',
  'ALTER TABLE audit_events ENABLE ALWAYS TRIGGER audit_events_keep_unarchived',
];

/**
 * Trust rules of real issuers, and one of the issuer that these pictures have. Nothing can present a token of the others
 * here, because the app doesn't trust them.
 */
const trustRules = (issuer: string) => `
  INSERT INTO trust_rules (workspace_id, name, issuer, subject, claims, repository_ids, bound, created_by, created_at,
    expires_at, last_used_at, last_used_ip, revoked_at)
  SELECT w.id, r.name, r.issuer, r.subject, r.claims::jsonb,
    CASE WHEN r.bound THEN ARRAY(SELECT id FROM repositories WHERE owner = 'acme' AND name = 'api') ELSE '{}' END,
    r.bound, u.id, now() - r.age::interval, now() + r.ends::interval, now() - r.used::interval, r.ip::inet,
    CASE WHEN r.revoked THEN now() - interval '1 day' END
  FROM (VALUES
    ('nightly analysis', 'https://token.actions.githubusercontent.com', 'repo:acme/deploy:ref:refs/heads/main',
      '{"repository_id": "123456"}', true, '1 minute', '364 days', '3 hours', '203.0.113.7', false),
    ('analysis engine', 'https://kubernetes.acme.example', 'system:serviceaccount:analysis:engine', '{}', false,
      '2 minutes', NULL, '4 minutes', '2001:db8:1234:5678:9abc:def0:1234:5678', false),
    ('release notes', 'https://gitlab.com', 'project_path:acme/platform/notes:ref_type:tag:ref:v*',
      '{"ref_protected": "true", "project_id": "20"}', true, '90 days', '6 days', NULL, NULL, false),
    ('old runner', 'https://token.actions.githubusercontent.com', 'repo:acme/runner:environment:production', '{}', true,
      '200 days', NULL, '40 days', '198.51.100.20', true),
    ('trial', '${issuer}', 'repo:acme/deploy:ref:refs/heads/*', '{"repository_id": "123456"}', true,
      '3 minutes', '20 days', NULL, NULL, false))
    AS r (name, issuer, subject, claims, bound, age, ends, used, ip, revoked)
  JOIN workspaces w ON w.slug = 'acme' JOIN users u ON u.email = 'olivia@acme.test'`;

/** Forbids the API keys of a workspace that has some. */
const FORBIDDEN_KEYS = [
  `INSERT INTO api_keys (workspace_id, hash, display_prefix, name, created_by, created_at, expires_at, last_used_at,
      last_used_ip, networks)
    SELECT w.id, sha256(convert_to(k.name, 'UTF8')), 'psk_demo_' || k.prefix, k.name, u.id, now() - interval '80 days',
      now() + k.ends::interval, now() - k.used::interval, '203.0.113.7', k.networks::cidr[]
    FROM (VALUES ('analysis-engine', 'q7Rw', '10 days', '2 hours', '{203.0.113.0/24,2001:db8:7::/48}'),
        ('nightly-scan', 'Zk3d', '200 days', NULL, '{}')) AS k (name, prefix, ends, used, networks),
      workspaces w, users u
    WHERE w.slug = 'initech' AND u.email = 'olivia@acme.test'`,
  `UPDATE workspaces SET api_keys_allowed = false WHERE id = ${INITECH}`,
];

const VANDELAY = `(SELECT id FROM workspaces WHERE slug = 'vandelay')`;
/** Archives the first seven events of an audit log and stops the tokens of its workspace. */
const ARCHIVED_AND_STOPPED = [
  `INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, client_ip, request_id, details)
    SELECT workspace_id, 'audit.archived', 'system', 'system:cli', 'Operator', '127.0.0.1', 'screens-archive',
      jsonb_build_object('first_seq', 1, 'last_seq', seq, 'last_hash', hash, 'file_sha256', repeat('0', 64))
    FROM audit_events WHERE workspace_id = ${VANDELAY} AND seq = 7`,
  `INSERT INTO audit_archives (workspace_id, first_seq, last_seq, last_hash, file_sha256)
    SELECT workspace_id, 1, seq, hash, repeat('0', 64) FROM audit_events WHERE workspace_id = ${VANDELAY} AND seq = 7`,
  `DELETE FROM audit_events WHERE workspace_id = ${VANDELAY} AND seq <= 7`,
  `INSERT INTO minting_stops (workspace_id, reason)
    VALUES (${VANDELAY}, 'A key of your build server was found in a public log. We are talking to your security team')`,
];

async function query({ database }: Services, statements: string[]): Promise<void> {
  const db = new pg.Client(database.ownerUrl);
  await db.connect();
  try {
    for (const statement of statements) await db.query(statement);
  } finally {
    await db.end();
  }
}

export function fillOtherWorkspaces(services: Services): Promise<void> {
  return query(services, [
    WORKSPACES,
    INSTALLATIONS,
    APPROVAL,
    INVITATION,
    LOGS,
    ...TAMPER,
    ...ARCHIVED_AND_STOPPED,
    ...FORBIDDEN_KEYS,
    trustRules(services.env.WORKLOAD_ISSUERS ?? ''),
  ]);
}

/** Calls `run` while no page can read the audit log. */
export async function withoutAuditLog(services: Services, run: () => Promise<void>): Promise<void> {
  await query(services, ['ALTER TABLE audit_events RENAME TO audit_events_away']);
  await run().finally(() => query(services, ['ALTER TABLE audit_events_away RENAME TO audit_events']));
}
