/**
 * Searches the log of a workspace that PostgreSQL's statistics do not cover yet, because it grew after the last ANALYZE
 * of a large table. PostgreSQL then expects few matches of each filter.
 */
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeWorkspace, startTestApp } from '../auth/test-fixtures';
import { AuditEventsQuery } from '../contract/audit-event';
import { listAuditEvents } from './list';

const EVENTS = 60_000;

const environment = await startTestApp();
const owner = new pg.Client(environment.OWNER_DATABASE_URL);
let workspaceId: string;

beforeAll(async () => {
  await owner.connect();
  ({ id: workspaceId } = await makeWorkspace());
  const other = await makeWorkspace();
  await owner.query('ALTER TABLE audit_events DISABLE TRIGGER USER');
  await owner.query('ALTER TABLE audit_events SET (autovacuum_enabled = off)');
  for (const id of [other.id, workspaceId]) {
    await owner.query('ANALYZE audit_events');
    await owner.query(
      `INSERT INTO audit_events (workspace_id, seq, occurred_at, workspace_slug, type, actor_type, actor_id, actor_label,
          installation_id, client_ip, request_id, details, prev_hash, hash)
        SELECT $1, n, now(), 'w', CASE n % 2 WHEN 0 THEN 'github.token_minted' ELSE 'github.token_denied' END,
          'user', 'id', 'x', 1 + n % 2, ('192.0.2.' || n % 2)::inet, 'r', '{"repositories":[{"full_name":"acme/api","id":7}]}', '', ''
        FROM generate_series(1, $2::int) AS n`,
      [id, EVENTS],
    );
    await owner.query(
      `INSERT INTO minted_repositories (workspace_id, repository_id, seq, name)
        SELECT $1, 7, n, 'acme/api' FROM generate_series(2, $2::int, 2) AS n`,
      [id, EVENTS],
    );
    await owner.query('INSERT INTO audit_chains VALUES ($1, $2, $3)', [id, EVENTS, '']);
  }
  await owner.query('ALTER TABLE audit_events ENABLE TRIGGER USER');
});
afterAll(() => owner.end());

it('refuses no search by two frequent filters without common events for taking too long', async () => {
  for (const filters of [{ ip: '192.0.2.1' }, { installation_id: '2' }]) {
    const query = AuditEventsQuery.parse({ type: 'github.token_minted', ...filters, limit: '10' });
    expect((await listAuditEvents(workspaceId, query)).data).toEqual([]);
  }
});

it('refuses no search for a repository by an actor without events for taking too long', async () => {
  const query = AuditEventsQuery.parse({ repository: 'acme/api', actor: 'nobody', limit: '10' });
  expect((await listAuditEvents(workspaceId, query)).data).toEqual([]);
});
