import type { Pool } from 'pg';

/**
 * Each finding is one sentence part. `reach` holds every role that `$1` can act as, by `SET ROLE` too. A superuser is
 * a member of every role, so the first finding is enough for one.
 */
const POWERS = `
WITH me AS (SELECT * FROM pg_roles WHERE rolname = $1),
reach AS (SELECT r.oid, r.rolname FROM pg_roles AS r, me WHERE NOT me.rolsuper AND pg_has_role(me.oid, r.oid, 'MEMBER')),
tables AS (SELECT c.oid, c.relname, c.relowner FROM pg_class AS c
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')),
owners AS (SELECT DISTINCT relowner AS oid FROM tables)
SELECT 'is a superuser' AS power FROM me WHERE rolsuper
UNION SELECT 'may make roles, or reach all rows or the replication stream' FROM me
  WHERE NOT rolsuper AND (rolcreaterole OR rolbypassrls OR rolreplication)
UNION SELECT 'acts as ' || rolname FROM reach WHERE rolname IN ('pg_execute_server_program', 'pg_write_server_files')
UNION SELECT 'owns ' || pg_describe_object(d.classid, d.objid, 0) FROM pg_shdepend AS d JOIN reach ON reach.oid = d.refobjid
  WHERE d.deptype = 'o' AND d.refclassid = 'pg_authid'::regclass AND d.classid <> 'pg_largeobject'::regclass
    AND (d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
      OR (d.classid = 'pg_database'::regclass AND d.objid = (SELECT oid FROM pg_database WHERE datname = current_database())))
UNION SELECT 'may ' || p || ' in this database' FROM reach, unnest(ARRAY['CREATE', 'TEMPORARY']) AS p
  WHERE has_database_privilege(reach.oid, current_database(), p)
UNION SELECT 'may CREATE in the schema ' || n.nspname FROM reach, pg_namespace AS n
  WHERE n.nspname !~ '^pg_(temp|toast)' AND has_schema_privilege(reach.oid, n.oid, 'CREATE')
UNION SELECT 'may change the audit log: ' || p || ' on ' || relname FROM reach, tables, unnest(ARRAY['UPDATE', 'DELETE']) AS p
  WHERE relname IN ('audit_events', 'audit_chains')
    AND (has_table_privilege(reach.oid, tables.oid, p) OR (p = 'UPDATE' AND has_any_column_privilege(reach.oid, tables.oid, p)))
UNION SELECT 'may change the audit log: INSERT on audit_chains' FROM reach, tables
  WHERE relname = 'audit_chains' AND has_any_column_privilege(reach.oid, tables.oid, 'INSERT')
UNION SELECT 'may ' || p || ' ' || relname FROM reach, tables, unnest(ARRAY['TRUNCATE', 'TRIGGER']) AS p
  WHERE has_table_privilege(reach.oid, tables.oid, p)
UNION SELECT 'may DELETE from ' || relname FROM reach, tables
  WHERE relname IN ('workspaces', 'installations', 'app_identity', '_prisma_migrations')
    AND has_table_privilege(reach.oid, tables.oid, 'DELETE')
UNION SELECT 'may change _prisma_migrations' FROM reach, tables
  WHERE relname = '_prisma_migrations' AND has_any_column_privilege(reach.oid, tables.oid, 'INSERT, UPDATE')
UNION SELECT 'may execute ' || p.oid::regprocedure::text FROM reach, pg_proc AS p JOIN owners ON owners.oid = p.proowner
  WHERE p.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    AND has_function_privilege(reach.oid, p.oid, 'EXECUTE')
    AND (p.prosecdef OR NOT EXISTS (SELECT FROM pg_depend AS d
      WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'))
ORDER BY power`;

/**
 * Lists what a role of this database could use to change the audit log or to have code run as its owner: privileges,
 * ownership of anything, functions, temporary tables. Empty for the app's role after `npm run db:migrate`.
 *
 * @throws the database's error
 */
export async function findPowers(db: Pick<Pool, 'query'>, role: string): Promise<string[]> {
  const { rows } = await db.query<{ power: string }>(POWERS, [role]);
  return rows.map(({ power }) => power);
}
