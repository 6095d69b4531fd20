-- Privileges of the app's role, which is the user of DATABASE_URL (`:app_role`). `npm run db:migrate` sets them after
-- the migrations, and may be run repeatedly. The role owns nothing, so it can neither drop a trigger nor grant itself
-- more. Neither a dump nor a clone of a database contains its privileges, so each run sets all of them again.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM :app_role;
REVOKE CREATE ON SCHEMA public FROM PUBLIC, :app_role;
GRANT USAGE ON SCHEMA public TO :app_role;

-- Only the owner may create tables, types or functions, including temporary ones. No other role can then supply code
-- that a trigger or function would run as the owner.
REVOKE CREATE, TEMPORARY ON DATABASE :database FROM PUBLIC, :app_role;
-- Only the owner may execute its functions. Triggers fire even without EXECUTE. PUBLIC keeps its privileges on the
-- functions of extensions.
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
  "webhook_deliveries" TO :app_role;
-- No DELETE on workspaces and installations, because the audit log holds their history.
GRANT SELECT, INSERT, UPDATE ON "installations" TO :app_role;
-- A workspace's id and slug never change, because its audit log is looked up by them. Under another id, the log would
-- appear empty.
GRANT SELECT, INSERT, UPDATE ("name") ON "workspaces" TO :app_role;
GRANT SELECT, INSERT ON "app_identity" TO :app_role;
GRANT SELECT, UPDATE ON "reconcile_state" TO :app_role;

-- Triggers write to these tables with the rights of the calling role. The audit log is authoritative, not these rows.
GRANT SELECT, INSERT, UPDATE ON "repository_periods" TO :app_role;
GRANT SELECT, INSERT ON "minted_repositories" TO :app_role;

-- The audit log can only be read and appended to. An INSERT cannot even name the columns that the trigger sets.
GRANT SELECT ON "audit_events", "audit_chains" TO :app_role;
GRANT INSERT ("workspace_id", "type", "actor_type", "actor_id", "actor_label", "installation_id", "client_ip",
  "user_agent", "request_id", "details") ON "audit_events" TO :app_role;
