import type { Pool } from 'pg';
import type { Config } from '../config';
import { log } from '../observability/log';
import { getPool } from './pool';

/** Thrown at start when the database would let this process rewrite the audit log. */
export class TooMuchPower extends Error {
  override readonly name = 'TooMuchPower';
}

type Row = { role: string; owns: boolean; may_change: boolean };

/** `MEMBER`: also by `SET ROLE`. A superuser is a member of every role, and has every privilege. */
const POWER = `SELECT current_user AS role, bool_or(pg_has_role(relowner, 'MEMBER')) AS owns,
    bool_or(has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER') OR has_any_column_privilege(oid, 'UPDATE'))
      AS may_change
  FROM pg_class WHERE oid IN ('audit_events'::regclass, 'audit_chains'::regclass)`;

/**
 * That the audit log is append-only rests on the app's role: a table's owner drops triggers and is not bound by
 * `REVOKE` (C23). Where customers are served, a process whose role could change the log does not start; elsewhere it
 * says so.
 *
 * @throws {TooMuchPower} naming the role and what to do; or the database's error
 */
export async function assertAppRole(
  { isDeployed }: Pick<Config, 'isDeployed'>,
  db: Pick<Pool, 'query'> = getPool(),
): Promise<void> {
  const { rows } = await db.query<Row>(POWER);
  const power = rows[0];
  if (power !== undefined && !power.owns && !power.may_change) return;
  const message =
    `The role "${power?.role}" of DATABASE_URL ${power?.owns ? 'owns the audit log' : 'may change the audit log'}. ` +
    'Give DATABASE_URL a role of its own, MIGRATION_DATABASE_URL the owner, and run "npm run db:migrate".';
  if (isDeployed) throw new TooMuchPower(message);
  log.warn(message);
}
