-- What the app's role may do, applied by `npm run db:migrate` after the migrations; safe to repeat.
-- `:app_role` is the user of DATABASE_URL. It owns nothing, so it can neither drop a trigger nor grant itself more.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM :app_role;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :app_role;

GRANT SELECT, INSERT, UPDATE, DELETE ON
  "users", "identities", "memberships", "invitations", "api_keys", "connect_attempts", "repositories",
  "webhook_deliveries" TO :app_role;
-- Workspaces and installations are never deleted: their history is in the audit log.
GRANT SELECT, INSERT, UPDATE ON "workspaces", "installations" TO :app_role;
GRANT SELECT, INSERT ON "app_identity" TO :app_role;
GRANT SELECT, UPDATE ON "reconcile_state" TO :app_role;

-- The audit log: read and append; the columns that the trigger sets cannot even be named in an INSERT.
GRANT SELECT ON "audit_events", "audit_chains" TO :app_role;
GRANT INSERT ("workspace_id", "type", "actor_type", "actor_id", "actor_label", "installation_id", "client_ip",
  "user_agent", "request_id", "details") ON "audit_events" TO :app_role;
