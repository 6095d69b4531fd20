import { getConfig } from '../config';
import { compareAppIdentity } from '../db/app-identity';
import { findExcessPower } from '../db/app-role';
import { findDurabilityRisks } from '../db/durability';
import { arePreparedStatementsKept, KEEP_PREPARED_STATEMENTS } from '../db/prepared';
import { listAppliedMigrations, readServerFacts } from '../db/server-facts';
import { redact } from '../observability/redact';
import { type Check, type Facts, fail, ok, warn } from './check';

const MIGRATE = 'Run "npm run db:migrate" of the version that is to run.';

/** Checks of PostgreSQL. The start of the server makes those of the role, the identity and the durability too. */
export const DATABASE_CHECKS: readonly Check[] = [
  { id: 'database', isCheap: true, find: findDatabase },
  { id: 'database-migrations', isCheap: true, needs: ['database'], find: findMigrations },
  { id: 'database-role', isCheap: true, needs: ['database'], find: findRole },
  { id: 'database-owner', isCheap: true, needs: ['database-migrations'], find: findOwner },
  { id: 'database-durability', isCheap: true, needs: ['database'], find: findDurability },
  { id: 'database-pooler', isCheap: true, needs: ['database'], find: findPooler },
];

async function findDatabase() {
  try {
    const { version } = await readServerFacts();
    return ok(`PostgreSQL ${version} answers.`);
  } catch (error) {
    const text = redact(error instanceof Error && error.message !== '' ? error.message : String(error));
    return fail(
      `The database of DATABASE_URL does not answer: ${text}`,
      'Check host, port, user, password and database in DATABASE_URL, and the network policy.',
    );
  }
}

async function findMigrations({ migrations }: Facts) {
  const applied = await listAppliedMigrations();
  if (applied === undefined)
    return fail('The app’s role cannot read which migrations were applied.', MIGRATE);
  if (migrations === undefined)
    return warn(`${applied.length} migrations are applied.`, 'Run the doctor in a checkout to compare them.');
  const pending = migrations.filter((name) => !applied.includes(name));
  if (pending.length > 0)
    return fail(`${pending.length} migrations are pending, the first is ${pending[0]}.`, MIGRATE);
  const newer = applied.filter((name) => !migrations.includes(name));
  if (newer.length > 0)
    return warn(
      `All migrations are applied, and ${newer.length} of a newer version.`,
      'Nothing during a deployment. After a rollback, deploy the newer version again.',
    );
  return ok(`All ${migrations.length} migrations are applied.`);
}

async function findRole() {
  const message = await findExcessPower();
  if (message === undefined)
    return ok('The role of DATABASE_URL can neither change the audit log nor own code.');
  const todo = 'Use two roles, as docs/operations.md, Database, shows, and run "npm run db:migrate".';
  return getConfig().isDeployed ? fail(message, todo) : warn(message, todo);
}

async function findOwner() {
  const compared = await compareAppIdentity();
  if (compared === 'unclaimed')
    return ok('The database belongs to no environment yet. The first start claims it.');
  if (compared === undefined) return ok('The database belongs to this environment and App.');
  return fail(compared.differs, 'Give each environment a database and an App of its own.');
}

async function findDurability() {
  const { synchronousCommit } = await readServerFacts();
  const risks = await findDurabilityRisks();
  if (risks.length > 0)
    return warn(
      `${risks.join('; ')}.`,
      'Set fsync and full_page_writes on, and synchronous_standby_names; see docs/operations.md, Durability.',
    );
  return ok(
    `Committed audit rows survive a crash (synchronous_commit is ${synchronousCommit}; the audit log needs no more).`,
  );
}

async function findPooler() {
  const { isPooled } = await readServerFacts();
  if (!isPooled) return ok('No pooler is between the app and the database.');
  if (getConfig().preparesStatements && !(await arePreparedStatementsKept()))
    return fail(
      'A pooler is in between that keeps no prepared statements, and DATABASE_PREPARED_STATEMENTS is 1.',
      KEEP_PREPARED_STATEMENTS,
    );
  return ok('A pooler is in between. Migrations must not go through it.');
}
