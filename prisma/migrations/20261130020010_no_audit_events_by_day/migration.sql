-- "audit_events_time_idx" holds the same, and more.
DROP INDEX CONCURRENTLY IF EXISTS "audit_events_day_idx";
