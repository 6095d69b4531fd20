-- Finds the mint of a token that a caller hands back, by its hash. Prisma cannot say an expression index.
CREATE INDEX "audit_events_hashed_token_idx" ON "audit_events" ("workspace_id", ("details" ->> 'hashed_token'))
  WHERE "type" IN ('github.token_minted', 'github.token_revoked');
