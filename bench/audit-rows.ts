/**
 * Writes many audit events quickly, with the triggers off. The resulting chain is the same as the triggers would build.
 */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { GENESIS_HASH, hashAuditEvent } from '../lib/audit/chain';
import type { AuditEvent } from '../lib/contract/audit-event';
import { inBulk, type Step } from './bulk-load';

const BATCH = 10_000;
/**
 * The time between two consecutive events, long enough that a filter by time selects only some of them. Not whole
 * seconds, because then all times of a log share their milliseconds. A search for a number that begins with these would
 * find every event in the index of texts.
 */
const STEP_MS = 7_001;
/** The workspaces that the other events belong to. */
const OTHERS = 40;
/** The parts in which the other events are written, so that several connections share them. */
const PARTS = 8;

/**
 * Writes events into a workspace's chain, which stays valid, and events of other workspaces, whose chains aren't valid.
 *
 * @param ownerUrl the URL of the database owner role
 */
export async function fillLog(
  ownerUrl: string,
  { slug, events, others }: { slug: string; events: number; others: number },
): Promise<void> {
  const ofOthers: Step[] = Array.from({ length: others > 0 ? PARTS : 0 }, (_, part) => async (db) => {
    await appendOthers(db, part, Math.ceil(others / OTHERS));
  });
  const steps: Step[] = [(db) => appendEvents(db, slug, events), ...ofOthers];
  await inBulk(ownerUrl, ['audit_events', 'minted_repositories'], steps);
}

async function appendEvents(db: pg.Client, slug: string, count: number): Promise<void> {
  const { rows } = await db.query<{ id: string; seq: string; head_hash: string }>(
    `SELECT w.id, coalesce(c.seq, 0)::text AS seq, coalesce(c.head_hash, $2) AS head_hash
      FROM workspaces AS w LEFT JOIN audit_chains AS c ON c.workspace_id = w.id WHERE w.slug = $1`,
    [slug, GENESIS_HASH],
  );
  const [workspace] = rows;
  if (workspace === undefined) throw new Error(`no workspace ${slug}`);
  let head = { seq: Number(workspace.seq), hash: workspace.head_hash };
  // A whole second, so that the milliseconds, which are a part of each event's text, are the same in every run.
  const start = Math.floor((Date.now() - count * STEP_MS) / 1_000) * 1_000;
  let written: Promise<unknown> = Promise.resolve();
  for (let done = 0; done < count; done += BATCH) {
    const events: AuditEvent[] = [];
    for (let n = done; n < Math.min(done + BATCH, count); n += 1) {
      const event = eventAfter(head, slug, n, start + n * STEP_MS);
      head = event;
      events.push(event);
    }
    // The database writes a batch while this process computes the hashes of the next one.
    await written;
    written = insert(db, workspace.id, events);
    written.catch(() => {});
  }
  await written;
  await db.query(
    `INSERT INTO audit_chains (workspace_id, seq, head_hash) VALUES ($1, $2, $3)
      ON CONFLICT (workspace_id) DO UPDATE SET seq = excluded.seq, head_hash = excluded.head_hash`,
    [workspace.id, head.seq, head.hash],
  );
}

async function appendOthers(db: pg.Client, part: number, events: number): Promise<void> {
  await db.query(
    `WITH created AS (
        INSERT INTO workspaces (slug, name) SELECT 'other-' || $1::int || '-' || n, 'Other'
          FROM generate_series(1, $2::int) AS n RETURNING id, slug)
      INSERT INTO audit_events (workspace_id, seq, occurred_at, workspace_slug, type, actor_type, actor_id, actor_label,
          installation_id, client_ip, user_agent, request_id, details, prev_hash, hash)
        SELECT w.id, n, now() - ($3::int - n) * interval '7 seconds', w.slug, 'github.token_minted', 'api_key',
          'key-' || n % 20, 'engine ' || n % 20, 52000001 + n % 10, '203.0.113.7', 'engine/1.0', gen_random_uuid()::text,
          jsonb_build_object('repositories', 'all', 'hashed_token', gen_random_uuid()::text), repeat('0', 64), repeat('0', 64)
        FROM created AS w, generate_series(1, $3::int) AS n`,
    [part, OTHERS / PARTS, events],
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

/** The columns that differ between events, each with the SQL type of its values and a function that reads them. */
const VARYING: Record<string, [sqlType: string, read: (event: AuditEvent) => string | number | null]> = {
  seq: ['bigint', (event) => event.seq],
  id: ['uuid', (event) => event.id],
  occurred_at: ['timestamptz', (event) => event.occurred_at],
  workspace_slug: ['text', (event) => event.workspace],
  type: ['text', (event) => event.type],
  actor_type: ['text', (event) => event.actor.type],
  actor_id: ['text', (event) => event.actor.id],
  actor_label: ['text', (event) => event.actor.label],
  installation_id: ['bigint', (event) => event.installation_id],
  client_ip: ['inet', (event) => event.client_ip],
  user_agent: ['text', (event) => event.user_agent],
  request_id: ['text', (event) => event.request_id],
  details: ['jsonb', (event) => JSON.stringify(event.details)],
  prev_hash: ['text', (event) => event.prev_hash],
  hash: ['text', (event) => event.hash],
};

/**
 * Writes events, and the repositories that they name, as the trigger `audit_events_name_repositories` does. Sends a text
 * for each column, with a line for each event, because PostgreSQL splits that faster than arrays or JSON.
 */
async function insert(db: pg.Client, workspaceId: string, events: AuditEvent[]): Promise<void> {
  const names = Object.keys(VARYING);
  const columns = Object.values(VARYING);
  const lists = columns.map((_, at) => `string_to_array($${at + 2}, E'\\n')`);
  await db.query(
    `WITH written AS (
        INSERT INTO audit_events (workspace_id, ${names.join(', ')})
        SELECT $1::uuid, ${columns.map(([sqlType], at) => `e.${names[at]}::${sqlType}`).join(', ')}
        FROM unnest(${lists.join(', ')}) AS e(${names.join(', ')}) RETURNING workspace_id, seq, type, details)
      INSERT INTO minted_repositories (workspace_id, repository_id, seq, name)
      SELECT workspace_id, (r ->> 'id')::bigint, seq, lower(r ->> 'full_name')
      FROM written CROSS JOIN LATERAL jsonb_array_elements(details -> 'repositories') AS r
      WHERE type = 'github.token_minted'`,
    [workspaceId, ...columns.map(([, read]) => events.map(read).join('\n'))],
  );
}
