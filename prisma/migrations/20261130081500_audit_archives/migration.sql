-- Parts of audit chains that were written to a file and may be dropped (docs/decisions/0020). A new, empty table. The
-- heads in `audit_chains` stay as they are, because every event rewrites its head: two more columns there would cost each
-- mint.
CREATE TABLE "audit_archives" (
    "workspace_id" UUID NOT NULL,
    "first_seq" BIGINT NOT NULL,
    "last_seq" BIGINT NOT NULL,
    "last_hash" TEXT NOT NULL,
    "file_sha256" TEXT NOT NULL,
    "archived_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_archives_pkey" PRIMARY KEY ("workspace_id", "first_seq"),
    CONSTRAINT "audit_archives_range" CHECK ("first_seq" >= 1 AND "last_seq" >= "first_seq")
);

-- An archive continues the one before it, ends with an event of the log, and a later event of the log says so. Otherwise
-- verification would start at a hash that the chain never had. Of two archives that begin at the same event, the primary
-- key refuses one.
CREATE FUNCTION "public"."audit_archives_continue"() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  archived bigint;
BEGIN
  IF TG_RELID <> 'public.audit_archives'::pg_catalog.regclass THEN
    RAISE EXCEPTION 'audit_archives_continue serves audit_archives only' USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT coalesce(max(a."last_seq"), 0) INTO archived
    FROM "public"."audit_archives" AS a WHERE a."workspace_id" = NEW."workspace_id";
  IF NEW."first_seq" <> archived + 1 THEN
    RAISE EXCEPTION 'the next archive of this audit log begins with event %', archived + 1 USING ERRCODE = 'check_violation';
  END IF;
  IF NOT EXISTS (
    SELECT FROM "public"."audit_events" AS e
    WHERE e."workspace_id" = NEW."workspace_id" AND e."seq" = NEW."last_seq" AND e."hash" = NEW."last_hash"
  ) THEN
    RAISE EXCEPTION 'event % of this audit log has another hash', NEW."last_seq" USING ERRCODE = 'check_violation';
  END IF;
  IF NOT EXISTS (
    SELECT FROM "public"."audit_events" AS e
    WHERE e."workspace_id" = NEW."workspace_id" AND e."seq" > NEW."last_seq" AND e."type" = 'audit.archived'
      AND e."details" ->> 'last_hash' = NEW."last_hash" AND e."details" ->> 'file_sha256' = NEW."file_sha256"
  ) THEN
    RAISE EXCEPTION 'this audit log does not record the archive' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION "public"."audit_archives_continue"() FROM PUBLIC;
CREATE TRIGGER "audit_archives_continue" BEFORE INSERT ON "audit_archives"
  FOR EACH ROW EXECUTE FUNCTION "audit_archives_continue"();
CREATE TRIGGER "audit_archives_are_kept" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_archives"
  FOR EACH STATEMENT EXECUTE FUNCTION "audit_events_are_append_only"();
ALTER TABLE "audit_archives" ENABLE ALWAYS TRIGGER "audit_archives_continue";
ALTER TABLE "audit_archives" ENABLE ALWAYS TRIGGER "audit_archives_are_kept";

-- As before, except that `audit_events_keep_unarchived` decides about deletions from the log, row by row.
CREATE OR REPLACE FUNCTION "public"."audit_events_are_append_only"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND TG_RELID = 'public.audit_events'::pg_catalog.regclass THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

-- Refuses to delete an event that is in no archive. No role but the owner has the privilege to delete at all.
CREATE FUNCTION "public"."audit_events_keep_unarchived"() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_RELID <> 'public.audit_events'::pg_catalog.regclass THEN
    RAISE EXCEPTION 'audit_events_keep_unarchived serves audit_events only' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF NOT EXISTS (
    SELECT FROM "public"."audit_archives" AS a
    WHERE a."workspace_id" = OLD."workspace_id" AND a."last_seq" >= OLD."seq"
  ) THEN
    RAISE EXCEPTION 'audit_events is append-only: event % is in no archive', OLD."seq"
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN OLD;
END $$;
REVOKE EXECUTE ON FUNCTION "public"."audit_events_keep_unarchived"() FROM PUBLIC;
CREATE TRIGGER "audit_events_keep_unarchived" BEFORE DELETE ON "audit_events"
  FOR EACH ROW EXECUTE FUNCTION "audit_events_keep_unarchived"();
ALTER TABLE "audit_events" ENABLE ALWAYS TRIGGER "audit_events_keep_unarchived";
