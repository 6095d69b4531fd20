/** Creates a database in the state left behind by the version before 20261129, for existing-data.db.test.ts. */
import { cp, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type pg from 'pg';
import { setChainClock } from '../local/test/clock';
import { PROJECT_PRISMA_FOLDER } from './migrations-on-disk';

/** Migrations from here on belong to the next version. */
const NEXT_VERSION = '20261129';

/** The grants of the previous version. */
const GRANTS = `
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM :app_role;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :app_role;
GRANT SELECT, INSERT, UPDATE, DELETE ON "users", "identities", "memberships", "invitations", "api_keys",
  "connect_attempts", "repositories", "webhook_deliveries" TO :app_role;
GRANT SELECT, INSERT, UPDATE ON "workspaces", "installations" TO :app_role;
GRANT SELECT, INSERT ON "app_identity" TO :app_role;
GRANT SELECT, UPDATE ON "reconcile_state" TO :app_role;
GRANT SELECT ON "audit_events", "audit_chains" TO :app_role;
GRANT INSERT ("workspace_id", "type", "actor_type", "actor_id", "actor_label", "installation_id", "client_ip",
  "user_agent", "request_id", "details") ON "audit_events" TO :app_role;`;

const isOfNextVersion = (folder: string) =>
  /^\d{14}_/.test(path.basename(folder)) && path.basename(folder) >= NEXT_VERSION;

/** Copies the migrations and grants of the previous version into a temporary folder. */
export async function copyVersionBefore(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'version-before-'));
  await cp(path.join(PROJECT_PRISMA_FOLDER, 'migrations'), path.join(folder, 'migrations'), {
    recursive: true,
    filter: (source) => ![source, path.dirname(source)].some(isOfNextVersion),
  });
  await writeFile(path.join(folder, 'grants.sql'), GRANTS);
  return folder;
}

export const ID = {
  acme: 'aaaaaaaa-0000-4000-8000-000000000001',
  other: 'bbbbbbbb-0000-4000-8000-000000000001',
  owner: 'cccccccc-0000-4000-8000-000000000001',
  member: 'cccccccc-0000-4000-8000-000000000002',
  stranger: 'cccccccc-0000-4000-8000-000000000003',
  key: 'dddddddd-0000-4000-8000-000000000001',
  boundKey: 'dddddddd-0000-4000-8000-000000000002',
  revokedKey: 'dddddddd-0000-4000-8000-000000000003',
} as const;

/** Installations 11 to 13 belong to `acme`, 14 to `other`, and 15 to nobody. */
const PEOPLE_AND_CONNECTIONS = `
INSERT INTO users (id, email) VALUES ('${ID.owner}', 'owner@acme.test'), ('${ID.member}', 'member@acme.test'),
  ('${ID.stranger}', 'owner@other.test');
INSERT INTO workspaces (id, slug, name) VALUES ('${ID.acme}', 'acme', 'Acme'), ('${ID.other}', 'other', 'Other');
INSERT INTO memberships (workspace_id, user_id, role) VALUES ('${ID.acme}', '${ID.owner}', 'owner'),
  ('${ID.acme}', '${ID.member}', 'member'), ('${ID.other}', '${ID.stranger}', 'owner');
INSERT INTO api_keys (id, workspace_id, hash, display_prefix, name, bound, repository_ids, revoked_at) VALUES
  ('${ID.key}', '${ID.acme}', '\\x01', 'psk', 'engine', false, '{}', NULL),
  ('${ID.boundKey}', '${ID.acme}', '\\x02', 'psk', 'bound', true, '{101,104}', NULL),
  ('${ID.revokedKey}', '${ID.acme}', '\\x03', 'psk', 'revoked', false, '{}', now());
INSERT INTO invitations (workspace_id, email, role, invited_by, expires_at, accepted_at) VALUES
  ('${ID.acme}', 'new@acme.test', 'admin', '${ID.owner}', now() + interval '7 days', NULL),
  ('${ID.acme}', 'member@acme.test', 'member', '${ID.owner}', now() - interval '1 day', now() - interval '2 days');
INSERT INTO connect_attempts (state_hash, workspace_id, user_id, status, proven_installation_ids, expires_at,
    requester_github_id, requested_account_id, requested_account_login, outcome)
  SELECT sha256(convert_to(s::text, 'UTF8')), '${ID.acme}', '${ID.owner}', s,
    CASE WHEN s = 'proven' THEN '{11,12}'::bigint[] ELSE '{}' END, now() + interval '1 hour',
    CASE WHEN s = 'awaiting_approval' THEN 5 END, CASE WHEN s = 'awaiting_approval' THEN 6 END,
    CASE WHEN s = 'awaiting_approval' THEN 'acme' END, CASE WHEN s = 'finished' THEN 'bound' END
  FROM unnest(enum_range(NULL::connect_attempt_status)) AS s;
INSERT INTO webhook_deliveries (id, event, action, installation_id, outcome)
  SELECT 'delivery-' || n, 'installation_repositories', 'added', 11, 'handled' FROM generate_series(1, 50) AS n;
INSERT INTO installations (id, workspace_id, account_id, account_login, account_type, repository_selection, revision)
  SELECT id, workspace_id::uuid, id, 'account-' || id, 'Organization', 'selected', 3 FROM (VALUES
    (11, '${ID.acme}'), (12, '${ID.acme}'), (13, '${ID.acme}'), (14, '${ID.other}'), (15, NULL)) AS i (id, workspace_id);
INSERT INTO repositories (installation_id, id, owner, name, clone_url, default_branch, private)
  SELECT i, r, 'acme', name, 'https://github.test/acme/' || name || '.git', 'main', true FROM (VALUES
    (11, 101, 'api'), (11, 102, 'web'), (11, 103, 'gone'), (11, 104, 'core'), (11, 105, 'twice'), (11, 106, 'back'),
    (11, 107, 'late'), (12, 201, 'site'), (13, 301, 'legacy'), (14, 101, 'api')) AS r (i, r, name);`;

/** Changes the rows so that they match the events recorded by `fill`. */
const ENDS = `
UPDATE repositories SET removed_at = now() WHERE id IN (103, 105, 301);
UPDATE installations SET synced_at = now() WHERE id IN (11, 12, 13);
UPDATE installations SET status = 'suspended', suspended_at = now() WHERE id = 12;
UPDATE installations SET status = 'deleted', deleted_at = now() WHERE id = 13;`;

const EVENT = `INSERT INTO audit_events
  (workspace_id, type, actor_type, actor_id, actor_label, installation_id, client_ip, user_agent, request_id, details)`;

type Details = { [key: string]: unknown };

/** Inserts an event as the app does, and returns its `seq`. */
export async function insertEvent(
  app: pg.Client,
  {
    type,
    key,
    installation = 11,
    requestId = 'r',
    details,
  }: { type: string; key?: string; installation?: number; requestId?: string; details: Details },
): Promise<number> {
  const actor = key === undefined ? ['system', 'system:sync'] : ['api_key', key];
  const { rows } = await app.query<{ seq: string }>(
    `${EVENT} VALUES ($1, $2, $3, $4, $4, $5, '192.0.2.7', 'agent', $6, $7) RETURNING seq`,
    [ID.acme, type, ...actor, installation, requestId, JSON.stringify(details)],
  );
  return Number(rows[0]?.seq);
}

const named = (...repositories: [id: number, name: string][]) =>
  repositories.map(([id, name]) => ({ id, full_name: `acme/${name}` }));

/** Records a mint as the previous version did, without a version of the repository list. */
export const mint = (
  app: pg.Client,
  repositories: 'all' | [number, string][] = 'all',
  more: { key?: string; installation?: number; requestId?: string } = {},
) =>
  insertEvent(app, {
    type: 'github.token_minted',
    key: ID.key,
    ...more,
    details: {
      repositories: repositories === 'all' ? 'all' : named(...repositories),
      permissions: { contents: 'read', metadata: 'read' },
      hashed_token: `${Math.random()}`,
    },
  });

/** Thousands of events that no filter in the test may find. */
const NOISE = `${EVENT}
  SELECT '${ID.acme}', t, 'system', 'system:sync', 'sync', 11, NULL, NULL, 'n' || n, d::jsonb
    FROM generate_series(1, 700) AS n, (VALUES
      ('github.token_minted', '{"repositories":"all","hashed_token":"x"}'),
      ('github.token_denied', '{"reason":"not_found","repositories":["acme/api"]}')) AS e (t, d);
${EVENT}
  SELECT '${ID.other}', 'github.token_minted', 'user', '${ID.stranger}', 'stranger', 14, '198.51.100.1', 'b', 'n' || n, d::jsonb
    FROM generate_series(1, 400) AS n, (VALUES ('{"repositories":"all"}'),
      ('{"repositories":[{"id":101,"full_name":"acme/api"}]}')) AS e (d);`;

/** The `seq` of each mint in the chain of `acme`. */
export type Mints = {
  forAll: [number, number, number, number, number, number];
  ofApi: number;
  ofKernel: number;
  suspended: number;
  deleted: number;
};

/** Fills the database as the previous version would have done, over five hours. */
export async function fill(owner: pg.Client, app: pg.Client): Promise<Mints> {
  await app.query(PEOPLE_AND_CONNECTIONS);
  const told = async (what: string, count: number, ...repositories: [number, string][]) => {
    // The token that a sync mints for itself to read the repository list.
    await insertEvent(app, { type: 'github.token_minted', details: { repositories: 'all' } });
    await insertEvent(app, {
      type: `github.repositories_${what}`,
      details: { account: 'acme', noticed_by: 'sync', count, repositories: named(...repositories) },
    });
  };

  await setChainClock(owner, 300);
  const first = await mint(app);
  // The event names only some of the added repositories. `back` is one of the others.
  await told('added', 140, [101, 'api'], [102, 'web'], [103, 'gone'], [104, 'kernel'], [105, 'twice']);
  const ofApi = await mint(app, [[101, 'api']], { key: ID.boundKey });
  const ofKernel = await mint(app, [[104, 'kernel']], { key: ID.boundKey });
  const suspended = await mint(app, 'all', { installation: 12 });
  const deleted = await mint(app, 'all', { installation: 13 });
  await app.query(NOISE);

  await setChainClock(owner, 180);
  const second = await mint(app);
  await told('changed', 1, [104, 'core']);
  await told('removed', 2, [105, 'twice'], [106, 'back']);
  const third = await mint(app);

  await setChainClock(owner, 120);
  // `twice` is added and removed again, among the repositories that the events do not name.
  await told('added', 150, [107, 'late']);
  const fourth = await mint(app);
  await told('removed', 120, [999, 'else']);

  await setChainClock(owner, 30);
  const fifth = await mint(app);
  await told('removed', 1, [103, 'gone']);
  await told('added', 1, [106, 'back']);
  const sixth = await mint(app);
  await setChainClock(owner, 0);
  await app.query(ENDS);
  return { forAll: [first, second, third, fourth, fifth, sixth], ofApi, ofKernel, suspended, deleted };
}
