-- No row tells of a mint for an installation that has ended (C19, C20). `audit_events_append` fires first, by its name,
-- and holds the chain's head by now; whatever ends an installation takes the same head for the row that tells of it. So
-- either this mint comes before that row, or its end is committed and seen here: a check before the head is taken
-- would let out a mint that had only waited for it.
CREATE FUNCTION "audit_events_mint"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM "public"."installations" AS i WHERE i."id" = NEW."installation_id" AND (
      i."status" = 'deleted' OR i."workspace_id" <> NEW."workspace_id"
      -- The app itself asks GitHub about what is suspended, or not connected yet.
      OR (NEW."actor_type" <> 'system' AND (i."status" <> 'active' OR i."workspace_id" IS NULL)))
  ) THEN
    RAISE EXCEPTION 'installation % is not active in this workspace', NEW."installation_id"
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "audit_events_mint" BEFORE INSERT ON "audit_events"
  FOR EACH ROW WHEN (NEW."type" = 'github.token_minted') EXECUTE FUNCTION "audit_events_mint"();
ALTER TABLE "audit_events" ENABLE ALWAYS TRIGGER "audit_events_mint";
