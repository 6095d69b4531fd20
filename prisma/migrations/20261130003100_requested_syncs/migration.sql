-- The next requested sync is found without reading the installations that need none. The expression has to be the one of
-- takeDueLease in lib/sync/lease.ts.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "installations_sync_requested_idx" ON "installations"
  ("sync_requested_at", coalesce("synced_at", '-infinity')) WHERE "sync_requested_at" IS NOT NULL AND "status" <> 'deleted';
