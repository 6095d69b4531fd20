-- A mint whose row was checked in the same moment as the first witness of an end was released: the witness took no place
-- in the chain. It locks the head now, as all that takes authority away does (20261129140000): a row that has the head
-- first is committed before the witness, and one that waits for it sees the witness. SECURITY DEFINER, because locking a
-- row needs the right to update it, which the app's role does not have.
CREATE FUNCTION "public"."mint_installation_ends"() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_RELID <> 'public.installations'::pg_catalog.regclass THEN
    RAISE EXCEPTION 'mint_installation_ends serves installations only' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO "public"."audit_chains" ("workspace_id", "seq", "head_hash")
    VALUES (NEW."workspace_id", 0, repeat('0', 64)) ON CONFLICT DO NOTHING;
  PERFORM FROM "public"."audit_chains" AS c WHERE c."workspace_id" = NEW."workspace_id" FOR UPDATE;
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION "public"."mint_installation_ends"() FROM PUBLIC;
CREATE TRIGGER "installations_end_seen" AFTER UPDATE ON "installations"
  FOR EACH ROW WHEN (NEW."workspace_id" IS NOT NULL AND OLD."end_seen_at" IS NULL AND NEW."end_seen_at" IS NOT NULL)
  EXECUTE FUNCTION "mint_installation_ends"();
ALTER TABLE "installations" ENABLE ALWAYS TRIGGER "installations_end_seen";
