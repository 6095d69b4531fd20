import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runAsSuperuser } from '../../local/services/postgres/databases';
import { createEmptyTestDatabase } from '../../local/test/database';
import { migrate } from '../../prisma/migrate';

// Run all migrations instead of cloning the template database, because a clone lacks the privileges granted on the
// database itself.
const database = await createEmptyTestDatabase();
await migrate(database);
const owner = new pg.Client(database.ownerUrl);
const app = new pg.Client(database.appUrl);
const APP = pg.escapeIdentifier(decodeURIComponent(new URL(database.appUrl).username));

beforeAll(async () => {
  await Promise.all([owner.connect(), app.connect()]);
  await owner.query(`INSERT INTO workspaces (slug, name) VALUES ('acme', 'Acme')`);
  await record();
});
afterAll(() => Promise.all([owner.end(), app.end()]));

const record = () =>
  app.query(`INSERT INTO audit_events (workspace_id, type, actor_type, actor_id, actor_label, request_id, details)
    SELECT id, 'x', 'system', 'x', 'x', 'x', '{}' FROM workspaces`);

/** Reads the audit chain's head and its events' hashes, which only the append trigger may change. */
async function log(): Promise<unknown> {
  const { rows } = await owner.query(`SELECT c.seq, c.head_hash, array_agg(e.hash ORDER BY e.seq) AS hashes
    FROM audit_chains AS c JOIN audit_events AS e USING (workspace_id) GROUP BY c.seq, c.head_hash`);
  return rows;
}

const temporary = async (grant: 'GRANT' | 'REVOKE'): Promise<void> => {
  const preposition = grant === 'GRANT' ? 'TO' : 'FROM';
  await owner.query(`${grant} TEMPORARY ON DATABASE ${database.name} ${preposition} ${APP}`);
};

/**
 * Creates a table with the audit log's columns. One column's type is a domain with a CHECK that calls the attacker's
 * code.
 */
const LIKE_THE_LOG = `
  CREATE FUNCTION pg_temp.spring(value text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'the code of the attacker ran as %', current_user;
  END $$;
  CREATE DOMAIN pg_temp.sprung AS text CHECK (value IS NULL OR pg_temp.spring(value));
  CREATE TEMP TABLE like_the_log (LIKE public.audit_events);
  ALTER TABLE like_the_log ALTER COLUMN workspace_slug TYPE pg_temp.sprung, ALTER COLUMN workspace_slug DROP NOT NULL`;

describe('code that runs as the owner', () => {
  it('does not let the app’s role create a table, type, function or schema, even a temporary one', async () => {
    for (const statement of [
      'CREATE TEMP TABLE t (id int)',
      'CREATE TABLE public.t (id int)',
      'CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
      'CREATE DOMAIN public.d AS text',
      'CREATE SCHEMA s',
      'CREATE EXTENSION hstore',
    ])
      await expect(app.query(statement), statement).rejects.toThrow('permission denied');
  });

  it('cannot be attached to a temporary table as a trigger, even if the app’s role could create one', async () => {
    await temporary('GRANT');
    try {
      const before = await log();
      await app.query(LIKE_THE_LOG);
      await expect(
        app.query(
          'CREATE TRIGGER t BEFORE INSERT ON like_the_log FOR EACH ROW EXECUTE FUNCTION public.audit_events_append()',
        ),
      ).rejects.toThrow(/permission denied for function .*audit_events_append/);
      expect(await log()).toEqual(before);
    } finally {
      await app.query('DISCARD TEMP');
      await temporary('REVOKE');
    }
  });

  it('rejects, in a trigger function, every table but its own before it changes anything', async () => {
    await temporary('GRANT');
    await owner.query(`GRANT EXECUTE ON FUNCTION audit_events_append() TO ${APP}`);
    try {
      const before = await log();
      await app.query(`${LIKE_THE_LOG};
        CREATE TRIGGER t BEFORE INSERT ON like_the_log FOR EACH ROW EXECUTE FUNCTION public.audit_events_append()`);
      await expect(
        app.query(`INSERT INTO like_the_log (workspace_id, type, actor_type, actor_id, actor_label, request_id, details)
          SELECT id, 'x', 'system', 'x', 'x', 'x', '{}' FROM workspaces`),
      ).rejects.toThrow('audit_events_append is for public.audit_events only');
      expect(await log()).toEqual(before);
    } finally {
      await app.query('DISCARD TEMP');
      await owner.query(`REVOKE EXECUTE ON FUNCTION audit_events_append() FROM ${APP}`);
      await temporary('REVOKE');
    }
  });
});

type Routine = { name: string; prosecdef: boolean; is_trigger: boolean; settings: string; public: boolean };

async function routines(): Promise<Routine[]> {
  const { rows } = await owner.query<Routine>(`
    SELECT p.oid::regprocedure::text AS name, prosecdef, prorettype = 'trigger'::regtype AS is_trigger,
      array_to_string(proconfig, ';') AS settings, has_function_privilege('public', p.oid, 'EXECUTE') AS public
    FROM pg_proc AS p WHERE pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    ORDER BY 1`);
  return rows;
}

describe('every function of the schema', () => {
  it('lets only the owner execute any function, including future ones', async () => {
    await owner.query(`CREATE FUNCTION made_later() RETURNS int LANGUAGE sql AS 'SELECT 1'`);
    const all = await routines();
    await owner.query('DROP FUNCTION made_later()');
    expect(all.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['audit_events_append()', 'made_later()']),
    );
    expect(all.filter((routine) => routine.public)).toEqual([]);
  });

  it('has only pg_catalog and, last, pg_temp in its search path if it runs with its owner’s rights', async () => {
    const definers = (await routines()).filter(({ prosecdef }) => prosecdef);
    expect(definers.map(({ name }) => name)).toContain('audit_events_append()');
    for (const { name, settings } of definers)
      expect([name, settings]).toEqual([name, 'search_path=pg_catalog, pg_temp']);
  });

  it('assigns only columns of built-in types and enums, if it runs with its owner’s rights', async () => {
    const { rows } = await owner.query(`
      SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type
      FROM pg_proc AS p JOIN pg_trigger AS t ON t.tgfoid = p.oid JOIN pg_class AS c ON c.oid = t.tgrelid
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        JOIN pg_type AS y ON y.oid = a.atttypid
      WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace
        AND y.typtype <> 'e' AND y.typnamespace <> 'pg_catalog'::regnamespace`);
    expect(rows).toEqual([]);
  });

  it('rejects tables other than its own if it is a trigger function, even if a superuser attaches it', async () => {
    const triggers = (await routines()).filter(({ is_trigger }) => is_trigger);
    expect(triggers.length).toBeGreaterThan(3);
    await runAsSuperuser(
      inject('postgres').server,
      async (superuser) => {
        for (const { name } of triggers) {
          await superuser.query(`DROP TABLE IF EXISTS pg_temp.other; CREATE TEMP TABLE other (LIKE public.audit_events);
            ALTER TABLE other ADD COLUMN status text;
            CREATE TRIGGER t BEFORE INSERT OR UPDATE ON other FOR EACH ROW EXECUTE FUNCTION public.${name}`);
          const insert = superuser.query(`INSERT INTO other SELECT *, 'x' FROM public.audit_events LIMIT 1`);
          await expect(insert, name).rejects.toMatchObject({ code: '42501' });
        }
      },
      database.name,
    );
  });
});

describe('every table, view and sequence of the schema', () => {
  it('belongs to the owner, and gives only the app’s role the privileges in prisma/grants.sql', async () => {
    const { rows } = await owner.query(`
      SELECT relname, pg_get_userbyid(relowner) AS owner, grantee, privilege_type AS privilege
      FROM pg_class, LATERAL (SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END AS grantee,
        privilege_type FROM aclexplode(relacl)) AS acl
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f')`);
    const ownerRole = decodeURIComponent(new URL(database.ownerUrl).username);
    const appRole = decodeURIComponent(new URL(database.appUrl).username);
    expect(new Set(rows.map((row) => row.owner))).toEqual(new Set([ownerRole]));
    const others = rows.filter(({ grantee }) => grantee !== ownerRole);
    expect(new Set(others.map(({ grantee }) => grantee))).toEqual(new Set([appRole]));
    const allowed = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE']);
    expect(others.filter(({ privilege }) => !allowed.has(privilege))).toEqual([]);
    expect(others.filter(({ relname }) => relname === '_prisma_migrations')).toEqual([]);
  });
});
