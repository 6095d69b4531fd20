/**
 * Writes many audit events quickly, with the triggers off. The resulting chain is the same as the triggers would build.
 */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { GENESIS_HASH, hashAuditEvent } from '../lib/audit/chain';
import type { AuditEvent } from '../lib/contract/audit-event';

const BATCH = 5_000;
/** The time between two consecutive events, long enough that a filter by time selects only some of them. */
const STEP_MS = 7_000;
/** The bits in `pg_trigger.tgtype` that mark a trigger as firing before an insert. */
const BEFORE_INSERT = 6;

/** Appends events to a workspace's chain, which stays valid. Call this within `inBulk`. */
export async function appendEvents(db: pg.Client, slug: string, count: number): Promise<void> {
  const { rows } = await db.query<{ id: string; seq: string; head_hash: string }>(
    `SELECT w.id, coalesce(c.seq, 0)::text AS seq, coalesce(c.head_hash, $2) AS head_hash
      FROM workspaces AS w LEFT JOIN audit_chains AS c ON c.workspace_id = w.id WHERE w.slug = $1`,
    [slug, GENESIS_HASH],
  );
  const [workspace] = rows;
  if (workspace === undefined) throw new Error(`no workspace ${slug}`);
  let head = { seq: Number(workspace.seq), hash: workspace.head_hash };
  const start = Date.now() - count * STEP_MS;
  for (let done = 0; done < count; done += BATCH) {
    const events: AuditEvent[] = [];
    for (let n = done; n < Math.min(done + BATCH, count); n += 1) {
      const event = eventAfter(head, slug, n, start + n * STEP_MS);
      head = event;
      events.push(event);
    }
    await insert(db, workspace.id, events);
  }
  await db.query(
    `INSERT INTO audit_chains (workspace_id, seq, head_hash) VALUES ($1, $2, $3)
      ON CONFLICT (workspace_id) DO UPDATE SET seq = excluded.seq, head_hash = excluded.head_hash`,
    [workspace.id, head.seq, head.hash],
  );
}

/** Fills up the table with events of other workspaces, whose chains aren't valid. Call this within `inBulk`. */
export async function appendOthers(db: pg.Client, count: number, workspaces = 40): Promise<void> {
  await db.query(
    `INSERT INTO workspaces (slug, name) SELECT 'other-' || n, 'Other' FROM generate_series(1, $1::int) AS n`,
    [workspaces],
  );
  await db.query(
    `INSERT INTO audit_events (workspace_id, seq, occurred_at, workspace_slug, type, actor_type, actor_id, actor_label,
          installation_id, client_ip, user_agent, request_id, details, prev_hash, hash)
        SELECT w.id, n, now() - ($1::int - n) * interval '7 seconds', w.slug, 'github.token_minted', 'api_key',
          'key-' || n % 20, 'engine ' || n % 20, 52000001 + n % 10, '203.0.113.7', 'engine/1.0', gen_random_uuid()::text,
          jsonb_build_object('repositories', 'all', 'hashed_token', gen_random_uuid()::text), repeat('0', 64), repeat('0', 64)
        FROM workspaces AS w, generate_series(1, $1::int) AS n WHERE w.slug LIKE 'other-%'`,
    [Math.ceil(count / workspaces)],
  );
}

/** Returns the next event: nine mints for each refusal, and an operator's action every 5,000 events. */
function eventAfter(
  { seq, hash }: { seq: number; hash: string },
  workspace: string,
  n: number,
  at: number,
): AuditEvent {
  const type =
    n % 5_000 === 0 ? 'api_key.created' : n % 10 === 9 ? 'github.token_denied' : 'github.token_minted';
  const event: AuditEvent = {
    id: randomUUID(),
    seq: seq + 1,
    type,
    occurred_at: new Date(at).toISOString(),
    actor: { type: 'api_key', id: `key-${n % 20}`, label: `engine ${n % 20}` },
    workspace,
    installation_id: 52_000_001 + (n % 10),
    client_ip: `198.51.${n % 100}.${n % 250}`,
    user_agent: 'engine/1.0',
    request_id: randomUUID(),
    details: {
      expires_at: new Date(at + 3_600_000).toISOString(),
      hashed_token: `${randomUUID()}${randomUUID()}`.slice(0, 44),
      permissions: { contents: 'read', metadata: 'read' },
      repositories: [{ full_name: `acme/repository-${n % 1_000}`, id: 1_000 + (n % 1_000) }],
    },
    prev_hash: hash,
    hash: '',
  };
  return { ...event, hash: hashAuditEvent(event) };
}

async function insert(db: pg.Client, workspaceId: string, events: AuditEvent[]): Promise<void> {
  await db.query(
    `INSERT INTO audit_events (workspace_id, seq, id, occurred_at, workspace_slug, type, actor_type, actor_id, actor_label,
        installation_id, client_ip, user_agent, request_id, details, prev_hash, hash)
      SELECT $1::uuid, (e->>'seq')::bigint, (e->>'id')::uuid, (e->>'occurred_at')::timestamptz, e->>'workspace', e->>'type',
        e->'actor'->>'type', e->'actor'->>'id', e->'actor'->>'label', (e->>'installation_id')::bigint,
        (e->>'client_ip')::inet, e->>'user_agent', e->>'request_id', e->'details', e->>'prev_hash', e->>'hash'
      FROM jsonb_array_elements($2::jsonb) AS e`,
    [workspaceId, JSON.stringify(events)],
  );
}

/**
 * Runs `work` with the table's insert triggers off. Drops the secondary indexes first and rebuilds them afterwards,
 * which is cheaper than updating them a million times. Looks up the triggers and indexes in the catalog, so a migration
 * that adds one doesn't break the bench.
 */
export async function inBulk(db: pg.Client, work: () => Promise<unknown>): Promise<void> {
  const { rows: triggers } = await db.query<{ name: string }>(
    `SELECT quote_ident(tgname) AS name FROM pg_trigger
      WHERE tgrelid = 'audit_events'::regclass AND NOT tgisinternal AND tgtype & ${BEFORE_INSERT} = ${BEFORE_INSERT}`,
  );
  const { rows: indexes } = await db.query<{ name: string; definition: string }>(
    `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index
      WHERE indrelid = 'audit_events'::regclass AND NOT indisprimary`,
  );
  for (const { name } of triggers) await db.query(`ALTER TABLE audit_events DISABLE TRIGGER ${name}`);
  for (const { name } of indexes) await db.query(`DROP INDEX ${name}`);
  await work();
  await db.query(`SET maintenance_work_mem = '1GB'`);
  for (const { definition } of indexes) await db.query(definition);
  for (const { name } of triggers) await db.query(`ALTER TABLE audit_events ENABLE ALWAYS TRIGGER ${name}`);
}
