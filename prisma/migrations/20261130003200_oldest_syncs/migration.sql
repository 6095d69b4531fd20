-- The same for the sync that is due because the last one is old.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "installations_synced_idx" ON "installations"
  (coalesce("synced_at", '-infinity')) WHERE "workspace_id" IS NOT NULL AND "status" <> 'deleted';
