-- The expression has to be the one of lib/audit/text-search.ts. Without the hash of a token, whose random letters would
-- make an entry for each of its trigrams: that and the request's id are found by their beginning (the next two).
CREATE INDEX CONCURRENTLY IF NOT EXISTS "audit_events_text_idx" ON "audit_events"
  USING gin ("workspace_id", ("actor_label" || E'\n' || ("details" - 'hashed_token')::text) gin_trgm_ops)
  WITH (gin_pending_list_limit = 1024);
