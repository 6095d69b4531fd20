-- The same body takes effect once, under whatever delivery id it comes (docs/decisions/0009).
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "webhook_deliveries_event_body_fingerprint_key"
  ON "webhook_deliveries"("event", "body_fingerprint");
