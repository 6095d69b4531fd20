-- AlterTable
ALTER TABLE "installations" ADD COLUMN     "end_seen_at" TIMESTAMPTZ(3),
ADD COLUMN     "end_seen_by" TEXT;

-- AlterTable
ALTER TABLE "webhook_deliveries" ADD COLUMN     "body_fingerprint" BYTEA;

ALTER TABLE "installations" ADD CONSTRAINT "installations_end_seen"
  CHECK (("end_seen_at" IS NULL) = ("end_seen_by" IS NULL) AND "end_seen_by" IN ('webhook', 'mint', 'sync'));

-- From the first witness of an end on, nothing is minted for anybody but the app itself, which asks GitHub (C19).
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
  RETURN NEW;
END $$;
