-- Privileges of the app's role, which is the user in DATABASE_URL (`:app_role`). `npm run db:migrate` sets them after
-- the migrations, and may be run repeatedly. The app's role owns nothing, so it can neither drop a trigger nor grant
-- itself more privileges. Neither a dump nor a clone contains the privileges on the database itself, so each run sets
-- all of them again.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM :app_role;
REVOKE CREATE ON SCHEMA public FROM PUBLIC, :app_role;
GRANT USAGE ON SCHEMA public TO :app_role;

-- Only the database owner role may create tables, types or functions, including temporary ones. Otherwise, another role
-- could supply code that a trigger or function would run with the owner's privileges.
REVOKE CREATE, TEMPORARY ON DATABASE :database FROM PUBLIC, :app_role;
-- Only the database owner role may call its own functions. Its triggers still fire, because they need no EXECUTE. On
-- the functions of extensions, PUBLIC keeps its privileges.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
DO $$
DECLARE
  routine regprocedure;
BEGIN
  FOR routine IN
    SELECT p.oid FROM pg_proc AS p WHERE p.pronamespace = 'public'::regnamespace AND p.proowner = current_user::regrole
      AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC', routine);
  END LOOP;
END $$;
REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA public FROM :app_role;

GRANT SELECT, INSERT, UPDATE, DELETE ON
  "users", "identities", "memberships", "invitations", "api_keys", "connect_attempts", "repositories",
  "webhook_deliveries", "trust_rules", "workload_tokens", "sessions", "audit_views", "evidence_links" TO :app_role;
-- No DELETE on workspaces or installations, because the audit log holds their history.
GRANT SELECT, INSERT, UPDATE ON "installations" TO :app_role;
-- The app must not change a workspace's id or slug, because its audit log is looked up by them. Under another id, the
-- log would appear empty.
GRANT SELECT, INSERT, UPDATE ("name", "api_keys_allowed") ON "workspaces" TO :app_role;
GRANT SELECT, INSERT ON "app_identity" TO :app_role;
-- The app cannot make a key look younger: the database sets the time, and nobody but the owner changes it.
GRANT SELECT, INSERT ("fingerprint") ON "app_keys" TO :app_role;
GRANT SELECT, UPDATE ON "reconcile_state" TO :app_role;
-- The operator's CLI stops and starts minting as the app's role. Nothing of a stop changes while it is in force.
GRANT SELECT, INSERT, DELETE ON "minting_stops" TO :app_role;

-- Triggers write to these tables with the calling role's privileges, so the app's role needs them. Only the audit log
-- is authoritative, not these rows.
GRANT SELECT, INSERT, UPDATE ON "repository_periods" TO :app_role;
GRANT SELECT, INSERT ON "minted_repositories" TO :app_role;

-- The app can only read the audit log and append to it. Its INSERT can't even name the columns that the trigger sets,
-- so the app can't forge a time or a hash.
GRANT SELECT ON "audit_events", "audit_chains", "audit_archives" TO :app_role;
GRANT INSERT ("workspace_id", "type", "actor_type", "actor_id", "actor_label", "installation_id", "client_ip",
  "user_agent", "request_id", "details") ON "audit_events" TO :app_role;

-- The doctor compares the names of the applied migrations with this version's. The other columns stay hidden.
GRANT SELECT ("migration_name", "finished_at", "rolled_back_at") ON "_prisma_migrations" TO :app_role;
