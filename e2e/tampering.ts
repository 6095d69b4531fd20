/** Changes a log in ways that only the database owner role can, and that verification must detect. */
import { asDatabaseOwner, workspaceId } from './installations';

const TRIGGERS = ['audit_events_are_append_only', 'audit_events_keep_unarchived'];

/** Changes or removes an event, after disabling the triggers that would refuse it. */
export async function tamperWith(
  slug: string,
  seq: number,
  how: 'change its details' | 'remove it',
): Promise<void> {
  await asDatabaseOwner(async (db) => {
    const workspace = await workspaceId(db, slug);
    await db.query('BEGIN');
    for (const name of TRIGGERS) await db.query(`ALTER TABLE audit_events DISABLE TRIGGER ${name}`);
    await db.query(
      how === 'remove it'
        ? 'DELETE FROM audit_events WHERE workspace_id = $1 AND seq = $2'
        : `UPDATE audit_events SET details = '{"name":"forged"}' WHERE workspace_id = $1 AND seq = $2`,
      [workspace, seq],
    );
    for (const name of TRIGGERS) await db.query(`ALTER TABLE audit_events ENABLE ALWAYS TRIGGER ${name}`);
    await db.query('COMMIT');
  });
}
