-- Counts tokens per day. A sync's token reads no code and is not counted.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "audit_events_tokens_by_day_idx" ON "audit_events"
  ("workspace_id", "type", (("occurred_at" AT TIME ZONE 'UTC')::date))
  WHERE "type" IN ('github.token_minted', 'github.token_denied') AND "actor_id" <> 'system:sync';
