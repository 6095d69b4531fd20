-- Finds the tokens for all repositories of an installation, for the question who could read one of them.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "audit_events_tokens_for_all_idx" ON "audit_events"
  ("workspace_id", "installation_id", "seq")
  WHERE "type" = 'github.token_minted' AND "actor_id" <> 'system:sync' AND "details" -> 'repositories' = '"all"'::jsonb;
