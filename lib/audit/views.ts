import { z } from 'zod';
import type { UserActor } from '../actor';
import { type AuditLogAddress, FILTER_NAMES, VIEW_NAMES } from '../contract/audit-log-href';
import { inTransaction, type Transaction } from '../db/client';
import { execute, query, type Sql, sql } from '../db/sql';
import { isUuid } from '../db/uuid';
import { notFound, Problem } from '../problem';

/** A search of the audit log that a member saved under a name. Nobody else sees it. */
export type SavedView = { id: string; name: string; address: AuditLogAddress };

type StoredView = { id: string; name: string; address: string };

type By = { workspaceId: string; actor: Pick<UserActor, 'id'> };

const MOST_VIEWS = 50;

export const ViewName = z
  .string()
  .trim()
  .min(1, { error: 'must not be empty' })
  .max(60)
  .refine((text) => !text.includes('\u0000'));

/** The parts of an address that a view keeps. The page of the list and an open event are not part of a search. */
const KEPT = [...FILTER_NAMES, ...VIEW_NAMES].filter(
  (name) => name !== 'cursor' && name !== 'event' && name !== 'verify',
);

/** Reads a query string, and drops everything that is not part of a search. */
export function readAddress(text: string): AuditLogAddress {
  const given = new URLSearchParams(text);
  return Object.fromEntries(KEPT.map((name) => [name, given.get(name) ?? undefined]));
}

/** Writes an address as {@link readAddress} reads it. */
export function writeAddress(address: AuditLogAddress): string {
  return new URLSearchParams(
    KEPT.flatMap((name) => (address[name] ? [[name, String(address[name])]] : [])),
  ).toString();
}

/** Lists a member's views in alphabetical order. */
export async function listViews(workspaceId: string, userId: string): Promise<SavedView[]> {
  const rows = await query(
    'work',
    sql<StoredView>`SELECT id, name, address FROM audit_views
      WHERE workspace_id = ${workspaceId}::uuid AND user_id = ${userId}::uuid ORDER BY lower(name), name`,
  );
  return rows.map(({ id, name, address }) => ({ id, name, address: readAddress(address) }));
}

/**
 * Saves a search.
 *
 * @param replaces whether a view of the same name is replaced. Otherwise that one stays, and nothing is saved
 * @throws {Problem} `not_found` if the user is no member any longer, `invalid_request` if there are too many views
 */
export function saveView(
  by: By,
  name: string,
  address: string,
  replaces = false,
): Promise<'saved' | 'name_taken'> {
  // A view that already holds this search is as good as saved.
  const onConflict = sql`DO UPDATE SET address = excluded.address
    WHERE ${replaces}::boolean OR audit_views.address = excluded.address`;
  return inTransaction(async (tx) => {
    if (await insertView(tx, by, name, address, onConflict)) return 'saved';
    const [taken] = await query(tx, sql`SELECT FROM audit_views WHERE ${ofMember(by)} AND name = ${name}`);
    if (taken !== undefined) return 'name_taken';
    throw new Problem('invalid_request', `Delete a view first: there are ${MOST_VIEWS} of them.`);
  });
}

const ofMember = ({ workspaceId, actor }: By) =>
  sql`workspace_id = ${workspaceId}::uuid AND user_id = ${actor.id}::uuid`;

/**
 * Saves a view that was deleted again.
 *
 * @returns `false` if another one has its name by now, or if there are too many views
 * @throws {Problem} `not_found` if the user is no member any longer
 */
export function restoreView(by: By, name: string, address: string): Promise<boolean> {
  return inTransaction((tx) => insertView(tx, by, name, address, sql`DO NOTHING`));
}

async function insertView(
  tx: Transaction,
  by: By,
  name: string,
  address: string,
  onConflict: Sql,
): Promise<boolean> {
  const { workspaceId, actor } = by;
  const of = ofMember(by);
  // Two tabs that save at the same time must not exceed the limit together.
  const [member] = await query(tx, sql`SELECT FROM memberships WHERE ${of} FOR KEY SHARE`);
  if (member === undefined) throw notFound();
  await execute(
    tx,
    sql`SELECT pg_advisory_xact_lock(hashtextextended(${`views ${workspaceId} ${actor.id}`}, 0))`,
  );
  const written = await execute(
    tx,
    sql`INSERT INTO audit_views (workspace_id, user_id, name, address)
      SELECT ${workspaceId}::uuid, ${actor.id}::uuid, ${name}, ${writeAddress(readAddress(address))}
      WHERE (SELECT count(*) FROM audit_views WHERE ${of} AND name <> ${name}) < ${MOST_VIEWS}::int
      ON CONFLICT (workspace_id, user_id, name) ${onConflict}`,
  );
  return written > 0;
}

/**
 * Deletes one of a member's views.
 *
 * @returns the deleted view
 * @throws {Problem} `not_found` also for a view of another member
 */
export async function deleteView({ workspaceId, actor }: By, id: string): Promise<SavedView> {
  const [deleted] = isUuid(id)
    ? await query(
        'work',
        sql<StoredView>`DELETE FROM audit_views WHERE id = ${id}::uuid AND workspace_id = ${workspaceId}::uuid
          AND user_id = ${actor.id}::uuid RETURNING id, name, address`,
      )
    : [];
  if (deleted === undefined) throw notFound();
  return { ...deleted, address: readAddress(deleted.address) };
}
