-- As before, and for workloads. A key needs a workspace that allows keys, too, and a client address in its networks.
CREATE OR REPLACE FUNCTION "public"."audit_events_mint_authority"() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  allowed boolean := false;
  -- Of a key or a rule: whether it is bound, and its repositories.
  bound boolean;
  repository_ids bigint[];
BEGIN
  IF TG_RELID <> 'public.audit_events'::pg_catalog.regclass THEN
    RAISE EXCEPTION 'audit_events_mint_authority serves audit_events only' USING ERRCODE = 'insufficient_privilege';
  END IF;
  -- The ids of keys, rules and users are UUIDs in lower case; any other text is the id of none.
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
    SELECT k."bound", k."repository_ids" INTO bound, repository_ids
      FROM "public"."api_keys" AS k JOIN "public"."workspaces" AS w ON w."id" = k."workspace_id"
      WHERE k."id" = NEW."actor_id"::uuid AND k."workspace_id" = NEW."workspace_id" AND k."revoked_at" IS NULL
        AND (k."expires_at" IS NULL OR k."expires_at" > clock_timestamp())
        AND w."api_keys_allowed"
        AND (cardinality(k."networks") = 0 OR NEW."client_ip" <<= ANY (k."networks"));
    allowed := FOUND;
  ELSIF NEW."actor_type" = 'workload' THEN
    -- The row names the rule as it was when it authenticated the caller. Its subject and issuer never change.
    SELECT r."bound", r."repository_ids" INTO bound, repository_ids
      FROM "public"."trust_rules" AS r
      WHERE r."id" = NEW."actor_id"::uuid AND r."workspace_id" = NEW."workspace_id" AND r."revoked_at" IS NULL
        AND (r."expires_at" IS NULL OR r."expires_at" > clock_timestamp())
        AND NEW."details" #>> '{workload,issuer}' = r."issuer"
        AND NEW."details" #>> '{workload,rule,id}' = NEW."actor_id"
        AND NEW."details" #>> '{workload,rule,revision}' = r."revision"::text;
    allowed := FOUND;
  END IF;
  IF allowed AND bound THEN
    -- The caller mints for named repositories, each of them in its list. The CASE keeps the list from being read where
    -- there is none: "all" is a text.
    allowed := CASE jsonb_typeof(NEW."details" -> 'repositories')
      WHEN 'array' THEN NOT EXISTS (
        SELECT FROM jsonb_array_elements(NEW."details" -> 'repositories') AS e(item)
        WHERE (e.item ->> 'id')::bigint IS NULL OR (e.item ->> 'id')::bigint <> ALL (coalesce(repository_ids, '{}')))
      ELSE false END;
  END IF;
  IF allowed IS NOT TRUE THEN
    RAISE EXCEPTION 'the authority of % % ended before its mint was recorded', NEW."actor_type", NEW."actor_id"
      USING ERRCODE = 'PS401';
  END IF;
  RETURN NEW;
END $$;
