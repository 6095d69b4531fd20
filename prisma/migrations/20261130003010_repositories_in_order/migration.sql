-- A page of the list reads its rows in the order of this index. Repositories that are no longer shared are never listed.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "repositories_in_order_idx" ON "repositories"
  ("installation_id", "owner", "name", "id") WHERE "removed_at" IS NULL;
