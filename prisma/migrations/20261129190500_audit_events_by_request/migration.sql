CREATE INDEX CONCURRENTLY IF NOT EXISTS "audit_events_request_idx" ON "audit_events"
  ("workspace_id", lower("request_id") text_pattern_ops);
