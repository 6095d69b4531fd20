-- A key may be revoked, and a member removed, while GitHub answers a mint or while its row waits. This trigger checks
-- the authority of the caller again, in the transaction of the row (C13). `audit_events_append` fires first, by its
-- name, so the chain's head is locked here. Every change that takes authority away locks the same head before it
-- commits (`mint_authority_ends` below). Each statement of this function has a snapshot of its own, so a change that
-- committed first is always seen. No row is locked after the head: that order would deadlock with revocations.
CREATE FUNCTION "public"."audit_events_mint_authority"() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  allowed boolean := false;
BEGIN
  IF TG_RELID <> 'public.audit_events'::pg_catalog.regclass THEN
    RAISE EXCEPTION 'audit_events_mint_authority serves audit_events only' USING ERRCODE = 'insufficient_privilege';
  END IF;
  -- The ids of keys and users are UUIDs in lower case; any other text is the id of neither.
  IF NEW."actor_type" = 'system' THEN
    allowed := true;
  ELSIF NEW."actor_id" !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
    allowed := false;
  ELSIF NEW."actor_type" = 'user' THEN
    SELECT EXISTS (
      SELECT FROM "public"."memberships" AS m
      WHERE m."workspace_id" = NEW."workspace_id" AND m."user_id" = NEW."actor_id"::uuid
    ) INTO allowed;
  ELSIF NEW."actor_type" = 'api_key' THEN
    -- Expiry goes by the time now: `now()` is the start of a transaction that may have waited for seconds.
    SELECT EXISTS (
      SELECT FROM "public"."api_keys" AS k
      WHERE k."id" = NEW."actor_id"::uuid AND k."workspace_id" = NEW."workspace_id" AND k."revoked_at" IS NULL
        AND (k."expires_at" IS NULL OR k."expires_at" > clock_timestamp())
        -- A bound key mints for named repositories, each of them in its list. The CASE keeps the list from being
        -- read where there is none: "all" is a text.
        AND (NOT k."bound" OR CASE jsonb_typeof(NEW."details" -> 'repositories')
          WHEN 'array' THEN NOT EXISTS (
            SELECT FROM jsonb_array_elements(NEW."details" -> 'repositories') AS r(item)
            WHERE (r.item ->> 'id')::bigint IS NULL OR (r.item ->> 'id')::bigint <> ALL (k."repository_ids"))
          ELSE false END)
    ) INTO allowed;
  END IF;
  IF allowed IS NOT TRUE THEN
    RAISE EXCEPTION 'the authority of % % ended before its mint was recorded', NEW."actor_type", NEW."actor_id"
      USING ERRCODE = 'PS401';
  END IF;
  RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION "public"."audit_events_mint_authority"() FROM PUBLIC;
CREATE TRIGGER "audit_events_mint_authority" BEFORE INSERT ON "audit_events"
  FOR EACH ROW WHEN (NEW."type" = 'github.token_minted') EXECUTE FUNCTION "audit_events_mint_authority"();
ALTER TABLE "audit_events" ENABLE ALWAYS TRIGGER "audit_events_mint_authority";

-- Locks the chain's head of the workspace until the change that takes authority away is committed, also where nothing
-- is recorded: a user who is deleted, or a hand in the database. SECURITY DEFINER, because locking a row needs the
-- right to update it, which the app's role does not have.
CREATE FUNCTION "public"."mint_authority_ends"() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_RELID <> 'public.api_keys'::pg_catalog.regclass AND TG_RELID <> 'public.memberships'::pg_catalog.regclass THEN
    RAISE EXCEPTION 'mint_authority_ends serves api_keys and memberships only' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO "public"."audit_chains" ("workspace_id", "seq", "head_hash")
    VALUES (OLD."workspace_id", 0, repeat('0', 64)) ON CONFLICT DO NOTHING;
  PERFORM FROM "public"."audit_chains" AS c WHERE c."workspace_id" = OLD."workspace_id" FOR UPDATE;
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION "public"."mint_authority_ends"() FROM PUBLIC;
CREATE TRIGGER "api_keys_authority_ends" AFTER DELETE ON "api_keys"
  FOR EACH ROW EXECUTE FUNCTION "mint_authority_ends"();
-- Not for `last_used_at` and `name`: these change nothing that a mint may do.
CREATE TRIGGER "api_keys_authority_changes" AFTER UPDATE ON "api_keys"
  FOR EACH ROW WHEN ((OLD."id", OLD."workspace_id", OLD."revoked_at", OLD."expires_at", OLD."bound", OLD."repository_ids")
    IS DISTINCT FROM (NEW."id", NEW."workspace_id", NEW."revoked_at", NEW."expires_at", NEW."bound", NEW."repository_ids"))
  EXECUTE FUNCTION "mint_authority_ends"();
CREATE TRIGGER "memberships_authority_ends" AFTER DELETE ON "memberships"
  FOR EACH ROW EXECUTE FUNCTION "mint_authority_ends"();
CREATE TRIGGER "memberships_authority_changes" AFTER UPDATE ON "memberships"
  FOR EACH ROW WHEN ((OLD."workspace_id", OLD."user_id") IS DISTINCT FROM (NEW."workspace_id", NEW."user_id"))
  EXECUTE FUNCTION "mint_authority_ends"();
ALTER TABLE "api_keys" ENABLE ALWAYS TRIGGER "api_keys_authority_ends";
ALTER TABLE "api_keys" ENABLE ALWAYS TRIGGER "api_keys_authority_changes";
ALTER TABLE "memberships" ENABLE ALWAYS TRIGGER "memberships_authority_ends";
ALTER TABLE "memberships" ENABLE ALWAYS TRIGGER "memberships_authority_changes";
