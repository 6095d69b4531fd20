-- Like "audit_events_day_idx", which the next migration drops, with each event's time beside its number. A period begins
-- and ends within a day. PostgreSQL finds its first and last event in the index now, without looking up rows of that day.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "audit_events_time_idx" ON "audit_events"
  ("workspace_id", (("occurred_at" AT TIME ZONE 'UTC')::date), "seq") INCLUDE ("occurred_at");
