/** Undoes what a member has just done, by the audit event that recorded it. */
import type { RequestOrigin, UserActor } from '../actor';
import { AUDIT_EVENTS, type AuditDetails } from '../contract/audit-types';
import type { Role } from '../contract/members';
import { inTransaction, type Transaction } from '../db/client';
import { type Database, query, sql } from '../db/sql';
import { lockWorkspace } from './authority';
import { REVERSALS, type Restored, type ReversibleType } from './reversals';

/** How long an event can be undone. */
const UNDO_MINUTES = 10;

/** An event that can be undone, with the details of its type. */
export type UndoableEvent<T extends ReversibleType = ReversibleType> = {
  [Type in T]: { seq: number; type: Type; details: AuditDetails<Type> };
}[T];

/** Where an event is looked for, and who must have done it. */
type Reader = { workspaceId: string; actor: Pick<UserActor, 'id'> };

/**
 * Returns the number of the event of this type that this request has recorded; `null` if it changed nothing. The number
 * goes into the page's URL, which anybody can forge. So whatever is undone is read from the log again.
 */
export async function eventOf(
  { workspaceId, origin }: { workspaceId: string; origin: RequestOrigin },
  type: ReversibleType,
): Promise<string | null> {
  const [row] = await query(
    'work',
    sql<{ seq: string }>`SELECT seq::text FROM audit_events WHERE workspace_id = ${workspaceId}::uuid
      AND lower(request_id) = lower(${origin.requestId}) AND type = ${type} LIMIT 1`,
  );
  return row?.seq ?? null;
}

/**
 * Finds an event that the reader may undo now. It is their own, of the last ten minutes, alone in its request, and the
 * last one about its subject.
 *
 * @param seq text from a user, which is not validated yet
 * @param type the type that the caller offers to undo
 */
export async function findUndoable(
  { role, ...reader }: Reader & { role: Role },
  seq: string | undefined,
  type: ReversibleType,
): Promise<UndoableEvent | null> {
  const event = await readUndoable('work', reader, seq);
  return event?.type === type && isAllowed(role, event) ? event : null;
}

/**
 * Undoes an event, as {@link findUndoable} finds it, under the workspace's lock. The reverse is an action like any other:
 * it requires its own authority, keeps its own limits, and is recorded as what it is.
 *
 * @param seq text from a user, which is not validated yet
 * @returns the type of the event that it undid; `null` if the event can't be undone, or no longer
 * @throws {Problem} as the reverse action does
 */
export function undoEvent(
  by: Reader & { actor: UserActor; origin: RequestOrigin },
  seq: string,
): Promise<(Restored & { type: ReversibleType }) | null> {
  return inTransaction(async (tx) => {
    await lockWorkspace(tx, by.workspaceId);
    const event = await readUndoable(tx, by, seq);
    return event && { type: event.type, ...(await reverse(tx, by, event)) };
  });
}

function isAllowed<T extends ReversibleType>(role: Role, { type, details }: UndoableEvent<T>): boolean {
  return REVERSALS[type].isAllowed(role, details);
}

function reverse<T extends ReversibleType>(
  tx: Transaction,
  by: Parameters<typeof undoEvent>[0],
  { type, details }: UndoableEvent<T>,
): Promise<Restored> {
  return REVERSALS[type].reverse(tx, by, details);
}

/** Matches positive integers of at most 15 digits, which JavaScript represents exactly. */
const SEQ = /^[1-9]\d{0,14}$/;

async function readUndoable(
  db: Database,
  { workspaceId, actor }: Reader,
  seq: string | undefined,
): Promise<UndoableEvent | null> {
  if (seq === undefined || !SEQ.test(seq)) return null;
  const [row] = await query(
    db,
    sql<{ type: string; details: unknown }>`SELECT type, details FROM audit_events AS event
      WHERE workspace_id = ${workspaceId}::uuid AND seq = ${seq}::bigint
        AND actor_type = 'user' AND actor_id = ${actor.id}
        AND occurred_at > now() - make_interval(mins => ${UNDO_MINUTES}::int)
        AND NOT EXISTS (SELECT FROM audit_events AS beside WHERE beside.workspace_id = event.workspace_id
          AND lower(beside.request_id) = lower(event.request_id) AND beside.seq <> event.seq)`,
  );
  if (row === undefined || !isReversible(row.type)) return null;
  // Another version of the app may have written the details in another form.
  const { success, data } = AUDIT_EVENTS[row.type].details.safeParse(row.details);
  if (!success) return null;
  const event = { seq: Number(seq), type: row.type, details: data } as UndoableEvent;
  return (await isSuperseded(db, workspaceId, event)) ? null : event;
}

/** True if a later event is about the same subject, so that an undo would reverse that one too. */
async function isSuperseded<T extends ReversibleType>(
  db: Database,
  workspaceId: string,
  { seq, type, details }: UndoableEvent<T>,
): Promise<boolean> {
  const { supersededBy, subject } = REVERSALS[type];
  const sameSubject =
    subject === null ? sql`true` : sql`details ->> ${subject}::text = ${details[subject]}::text`;
  const later = await query(
    db,
    sql`SELECT FROM audit_events WHERE workspace_id = ${workspaceId}::uuid
      AND type = ANY(${supersededBy}::text[]) AND seq > ${seq}::bigint AND ${sameSubject} LIMIT 1`,
  );
  return later.length > 0;
}

const isReversible = (type: string): type is ReversibleType => Object.hasOwn(REVERSALS, type);
