import type { Pool } from 'pg';

/**
 * PostgreSQL's predefined roles that give their members the privileges of the database owner role, or access to the
 * server's files or to other sessions.
 */
const STRONG_ROLES = `'{pg_execute_server_program,pg_write_server_files,pg_read_server_files,pg_write_all_data,
  pg_maintain,pg_signal_backend,pg_create_subscription}'`;

/** Selects a row if the function `p` belongs to an extension. */
const OF_EXTENSION = `SELECT FROM pg_depend AS d
      WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'`;

/**
 * Selects the excess privileges of the role `$1`, each as a phrase that completes "The role …".
 *
 * - `reach` holds every role that `$1` can act as, directly or after `SET ROLE`, except superusers.
 * - A superuser is implicitly a member of every role, so it is reported once instead of once per role.
 * - `logs` holds the audit log's tables, their child tables, and every view or rule that reaches these tables with its
 *   own owner's privileges.
 */
const POWERS = `
WITH RECURSIVE me AS (SELECT * FROM pg_roles WHERE rolname = $1),
members AS (SELECT r.* FROM pg_roles AS r, me WHERE NOT me.rolsuper AND pg_has_role(me.oid, r.oid, 'MEMBER')),
reach AS (SELECT oid, rolname FROM members WHERE NOT rolsuper),
tables AS (SELECT c.oid, c.relname, c.relowner FROM pg_class AS c
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')),
owners AS (SELECT DISTINCT relowner AS oid FROM tables),
logs AS (SELECT oid FROM tables WHERE relname IN ('audit_events', 'audit_chains', 'audit_archives')
  UNION SELECT leads.oid FROM logs, LATERAL (
    SELECT inhrelid AS oid FROM pg_inherits WHERE inhparent = logs.oid
    UNION SELECT rule.ev_class FROM pg_depend AS d JOIN pg_rewrite AS rule ON rule.oid = d.objid
      WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = logs.oid) AS leads)
SELECT 'is a superuser' AS power FROM me WHERE rolsuper
UNION SELECT 'acts as ' || rolname || ', a superuser' FROM members WHERE rolsuper
UNION SELECT 'may make roles, or reach all rows or the replication stream' FROM members
  WHERE rolcreaterole OR rolbypassrls OR rolreplication
UNION SELECT 'acts as ' || rolname FROM reach WHERE rolname = ANY (${STRONG_ROLES})
UNION SELECT 'owns ' || pg_describe_object(d.classid, d.objid, 0) FROM pg_shdepend AS d JOIN reach ON reach.oid = d.refobjid
  WHERE d.deptype = 'o' AND d.refclassid = 'pg_authid'::regclass AND d.classid <> 'pg_largeobject'::regclass
    AND (d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
      OR (d.classid = 'pg_database'::regclass AND d.objid = (SELECT oid FROM pg_database WHERE datname = current_database())))
UNION SELECT 'may ' || p || ' in this database' FROM reach, unnest(ARRAY['CREATE', 'TEMPORARY']) AS p
  WHERE has_database_privilege(reach.oid, current_database(), p)
UNION SELECT 'may CREATE in the schema ' || n.nspname FROM reach, pg_namespace AS n
  WHERE n.nspname !~ '^pg_(temp|toast)' AND has_schema_privilege(reach.oid, n.oid, 'CREATE')
UNION SELECT 'may change the audit log: ' || p || ' on ' || logs.oid::regclass
  FROM reach, logs, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p
  WHERE NOT (p = 'INSERT' AND logs.oid = to_regclass('public.audit_events'))
    AND (has_table_privilege(reach.oid, logs.oid, p)
      OR (p IN ('INSERT', 'UPDATE') AND has_any_column_privilege(reach.oid, logs.oid, p)))
UNION SELECT 'may change workspaces.' || c || ', by which a log is found' FROM reach, tables, unnest(ARRAY['id', 'slug']) AS c
  WHERE relname = 'workspaces' AND has_column_privilege(reach.oid, tables.oid, c, 'UPDATE')
UNION SELECT 'may ' || p || ' ' || relname FROM reach, tables, unnest(ARRAY['TRUNCATE', 'TRIGGER']) AS p
  WHERE has_table_privilege(reach.oid, tables.oid, p)
UNION SELECT 'may DELETE from ' || relname FROM reach, tables
  WHERE relname IN ('workspaces', 'installations', 'app_identity', '_prisma_migrations')
    AND has_table_privilege(reach.oid, tables.oid, 'DELETE')
UNION SELECT 'may change _prisma_migrations' FROM reach, tables
  WHERE relname = '_prisma_migrations' AND has_any_column_privilege(reach.oid, tables.oid, 'INSERT, UPDATE')
UNION SELECT 'may execute ' || p.oid::regprocedure::text FROM reach, pg_proc AS p
  WHERE p.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    AND has_function_privilege(reach.oid, p.oid, 'EXECUTE')
    AND CASE WHEN p.proowner IN (SELECT oid FROM owners) THEN p.prosecdef OR NOT EXISTS (${OF_EXTENSION})
      ELSE p.prosecdef AND NOT EXISTS (${OF_EXTENSION}) AND p.prorettype <> 'event_trigger'::regtype
        AND has_schema_privilege(reach.oid, p.pronamespace, 'USAGE') END
ORDER BY power`;

/**
 * Selects the superuser-only settings that the role is allowed to change, such as the setting that disables triggers.
 * Such grants have existed since PostgreSQL 15.
 */
const SETTINGS = `
SELECT DISTINCT 'may SET ' || a.parname AS power FROM pg_parameter_acl AS a, LATERAL aclexplode(a.paracl) AS given
WHERE given.grantee = 0 OR pg_has_role($1, given.grantee, 'MEMBER') ORDER BY power`;

/**
 * Lists everything that would let a role change the audit log or run code as the database owner role: privileges,
 * ownership, functions and temporary tables. After `npm run db:migrate`, the list is empty for the app's role.
 *
 * @throws the database's error
 */
export async function findPowers(db: Pick<Pool, 'query'>, role: string): Promise<string[]> {
  const { rows } = await db.query<{ power: string }>(POWERS, [role]);
  const { rows: known } = await db.query<{ has: boolean }>(
    "SELECT to_regclass('pg_catalog.pg_parameter_acl') IS NOT NULL AS has",
  );
  const settings = known[0]?.has ? await db.query<{ power: string }>(SETTINGS, [role]) : { rows: [] };
  return [...rows, ...settings.rows].map(({ power }) => power);
}
