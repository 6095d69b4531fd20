-- What the app's role may do, applied by `npm run db:migrate` after the migrations; safe to repeat.
-- `:app_role` is the user of DATABASE_URL. It owns nothing, so it can neither drop a trigger nor grant itself more.
-- Privileges of a database are neither in a dump nor in a clone of it, so each run sets all of them again.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM :app_role;
REVOKE CREATE ON SCHEMA public FROM PUBLIC, :app_role;
GRANT USAGE ON SCHEMA public TO :app_role;

-- Nobody makes tables, types or functions beside ours, temporary ones included: code that a trigger or function could
-- be led to run as its owner has no place to be.
REVOKE CREATE, TEMPORARY ON DATABASE :database FROM PUBLIC, :app_role;
-- No function of the owner is anybody's to call; triggers fire without EXECUTE. Extensions' functions stay as they are.
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
-- Workspaces and installations are never deleted: their history is in the audit log.
GRANT SELECT, INSERT, UPDATE ON "installations" TO :app_role;
-- A log is found by the id and the slug of its workspace: with another id, an empty log would stand in its place.
GRANT SELECT, INSERT, UPDATE ("name") ON "workspaces" TO :app_role;
GRANT SELECT, INSERT ON "app_identity" TO :app_role;
GRANT SELECT, UPDATE ON "reconcile_state" TO :app_role;

-- Triggers keep these with their caller's rights; what they lead to is read from the audit log itself.
GRANT SELECT, INSERT, UPDATE ON "repository_periods" TO :app_role;
GRANT SELECT, INSERT ON "minted_repositories" TO :app_role;

-- The audit log: read and append; the columns that the trigger sets cannot even be named in an INSERT.
GRANT SELECT ON "audit_events", "audit_chains" TO :app_role;
GRANT INSERT ("workspace_id", "type", "actor_type", "actor_id", "actor_label", "installation_id", "client_ip",
  "user_agent", "request_id", "details") ON "audit_events" TO :app_role;
