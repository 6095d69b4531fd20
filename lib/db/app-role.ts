import type { Pool } from 'pg';
import type { Config } from '../config';
import { log } from '../observability/log';
import { getPool } from './pool';
import { findPowers } from './role-powers';

/** Thrown at startup if this process's database role could rewrite the audit log. */
export class TooMuchPower extends Error {
  override readonly name = 'TooMuchPower';
}

/**
 * Finds out whether the role of `DATABASE_URL` could rewrite the audit log, or create code that the database owner role
 * would run.
 *
 * @returns a message with the role, its excess privileges and a remedy; `undefined` if it has none
 * @throws the database's error
 */
export async function findExcessPower(
  db: Pick<Pool, 'query'> = getPool('work'),
): Promise<string | undefined> {
  // Check the session's role too. If `SET ROLE` or a setting changed the current role, `RESET ROLE` brings the
  // session's role and its privileges back.
  const { rows } = await db.query<{ role: string; signed_in: string }>(
    'SELECT current_user AS role, session_user AS signed_in',
  );
  const role = rows[0]?.signed_in ?? '';
  const powers = new Set<string>();
  for (const name of new Set([role, rows[0]?.role ?? '']))
    for (const power of await findPowers(db, name)) powers.add(power);
  if (powers.size === 0) return undefined;
  return (
    `The role "${role}" of DATABASE_URL has more power than the app may have: ${summary([...powers])}. ` +
    'Give DATABASE_URL a role of its own, MIGRATION_DATABASE_URL the owner of database and tables, ' +
    'and run "npm run db:migrate".'
  );
}

/**
 * Refuses to start if the role of `DATABASE_URL` could rewrite the audit log, or create code that the database owner
 * role would run. Outside staging and prod, only logs a warning.
 *
 * @throws {TooMuchPower} naming the role, its excess privileges and a remedy; or the database's error if a query fails
 */
export async function assertAppRole(
  { isDeployed }: Pick<Config, 'isDeployed'>,
  db: Pick<Pool, 'query'> = getPool('work'),
): Promise<void> {
  const message = await findExcessPower(db);
  if (message === undefined) return;
  if (isDeployed) throw new TooMuchPower(message);
  log.warn(message);
}

/** Cap on the privileges listed in the error message, because a database owner role has dozens. */
const SHOWN = 8;

function summary(powers: string[]): string {
  const first = [...powers].sort((a, b) => Number(b.startsWith('owns')) - Number(a.startsWith('owns')));
  const more = powers.length > SHOWN ? `; and ${powers.length - SHOWN} more` : '';
  return first.slice(0, SHOWN).join('; ') + more;
}
