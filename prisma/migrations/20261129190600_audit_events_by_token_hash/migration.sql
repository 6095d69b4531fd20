CREATE INDEX CONCURRENTLY IF NOT EXISTS "audit_events_token_hash_idx" ON "audit_events"
  ("workspace_id", lower("details" ->> 'hashed_token') text_pattern_ops) WHERE "details" ? 'hashed_token';
