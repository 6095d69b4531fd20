-- A search for part of a name reads its matches, however long the list is. The expression has to be the one of
-- lib/installation/list-repositories.ts.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "repositories_text_idx" ON "repositories"
  USING gin ("installation_id", lower("owner" || '/' || "name") gin_trgm_ops)
  WITH (gin_pending_list_limit = 1024) WHERE "removed_at" IS NULL;
