-- Finds the events of a time whatever the order of the chain is: the database's clock may have been set back or forth.
-- By day, because then the first and the last event of each day are two look-ups, however many it has.
-- Writers go on meanwhile; the statement stands alone, because it cannot run in a transaction.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "audit_events_day_idx" ON "audit_events"
  ("workspace_id", (("occurred_at" AT TIME ZONE 'UTC')::date), "seq");
