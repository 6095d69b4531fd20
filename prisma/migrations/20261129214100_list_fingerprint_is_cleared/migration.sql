-- A sync that reads the list it stored last time has nothing to write, and compares a fingerprint instead of every row. The
-- fingerprint is only true while no row has changed since, so any change of a row clears it, whichever code makes the change.
-- A removed row is not part of the list: pruning it keeps the fingerprint.
CREATE FUNCTION "public"."repositories_clear_fingerprint"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_RELID <> 'public.repositories'::regclass THEN
    RAISE EXCEPTION 'repositories_clear_fingerprint is for public.repositories only' USING ERRCODE = 'insufficient_privilege';
  END IF;
  UPDATE "public"."installations" SET "list_fingerprint" = NULL
  WHERE "list_fingerprint" IS NOT NULL AND "id" IN (
    SELECT "installation_id" FROM changed_rows WHERE TG_OP <> 'DELETE' OR "removed_at" IS NULL);
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION "public"."repositories_clear_fingerprint"() FROM PUBLIC;
CREATE TRIGGER "repositories_fingerprint_of_added" AFTER INSERT ON "repositories"
  REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION "public"."repositories_clear_fingerprint"();
CREATE TRIGGER "repositories_fingerprint_of_changed" AFTER UPDATE ON "repositories"
  REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION "public"."repositories_clear_fingerprint"();
CREATE TRIGGER "repositories_fingerprint_of_deleted" AFTER DELETE ON "repositories"
  REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION "public"."repositories_clear_fingerprint"();
