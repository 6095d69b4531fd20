-- Minting that the operator has stopped. A new, empty table; the two foreign keys lock their tables for a moment only.
CREATE TABLE "minting_stops" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspace_id" UUID,
    "api_key_id" UUID,
    "reason" TEXT NOT NULL,
    "stopped_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "minting_stops_pkey" PRIMARY KEY ("id"),
    -- A key belongs to a workspace, so a stop with a key but without its workspace would be read as another scope.
    CONSTRAINT "minting_stops_scope" CHECK ("api_key_id" IS NULL OR "workspace_id" IS NOT NULL)
);
-- One stop for everything, for a workspace and for a key. Two NULLs would not be equal in a plain index.
CREATE UNIQUE INDEX "minting_stops_once" ON "minting_stops" (
  coalesce("workspace_id", '00000000-0000-0000-0000-000000000000'::uuid),
  coalesce("api_key_id", '00000000-0000-0000-0000-000000000000'::uuid));
ALTER TABLE "minting_stops" ADD CONSTRAINT "minting_stops_workspace_id_fkey"
  FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "minting_stops" ADD CONSTRAINT "minting_stops_api_key_id_fkey"
  FOREIGN KEY ("api_key_id") REFERENCES "api_keys"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- The trigger below reads with its caller's rights, and the grants follow the last migration. Until then no mint would be
-- recorded. So each role that writes the audit log may read the stops from now on.
DO $$
DECLARE
  app regrole;
BEGIN
  FOR app IN
    SELECT DISTINCT a.grantee::regrole
    FROM pg_class AS c JOIN pg_attribute AS t ON t.attrelid = c.oid CROSS JOIN LATERAL aclexplode(t.attacl) AS a
    WHERE c.oid = 'public.audit_events'::regclass AND a.privilege_type = 'INSERT' AND a.grantee NOT IN (0, c.relowner)
  LOOP
    EXECUTE format('GRANT SELECT ON "public"."minting_stops" TO %s', app);
  END LOOP;
END $$;

-- As before, and no mint's row is committed after a stop. `audit_events_append` fires first, by its name, and holds the
-- chain's head by now. Whatever stops minting locks the same head, for its own row, before or after the stop is visible
-- (`lib/workspace/minting-stops.ts`). So a mint that had passed every earlier check is either older than that row, or
-- sees the stop here.
CREATE OR REPLACE FUNCTION "public"."audit_events_mint"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_RELID <> 'public.audit_events'::regclass THEN
    RAISE EXCEPTION 'audit_events_mint is for public.audit_events only' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF EXISTS (
    SELECT FROM "public"."installations" AS i WHERE i."id" = NEW."installation_id" AND (
      i."status" = 'deleted' OR i."workspace_id" <> NEW."workspace_id"
      -- The app itself asks GitHub about what is suspended, not connected yet, or perhaps at its end.
      OR (NEW."actor_type" <> 'system'
        AND (i."status" <> 'active' OR i."workspace_id" IS NULL OR i."end_seen_at" IS NOT NULL)))
  ) THEN
    RAISE EXCEPTION 'installation % is not active in this workspace', NEW."installation_id"
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  -- For everybody, the app itself included.
  IF EXISTS (
    SELECT FROM "public"."minting_stops" AS s
    WHERE (s."workspace_id" IS NULL OR s."workspace_id" = NEW."workspace_id")
      AND (s."api_key_id" IS NULL OR (NEW."actor_type" = 'api_key' AND s."api_key_id"::text = NEW."actor_id"))
  ) THEN
    RAISE EXCEPTION 'minting was stopped before this mint was recorded' USING ERRCODE = 'PS503';
  END IF;
  RETURN NEW;
END $$;
