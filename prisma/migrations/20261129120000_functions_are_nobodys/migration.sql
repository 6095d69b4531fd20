-- EXECUTE on a new function is everybody's by default. With it, a role that may make a temporary table makes a trigger
-- of a SECURITY DEFINER function there, types a column with a domain whose CHECK calls code of its own, and that code
-- runs as the owner. So these functions are nobody's to call, they refuse every table but their own before they do
-- anything, and what they assign goes through variables of built-in types.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- As before, with the schema in front of every name: the callers' search_path decides nothing.
CREATE OR REPLACE FUNCTION "public"."audit_canonical_json"(value jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  CASE jsonb_typeof(value)
    WHEN 'object' THEN
      RETURN '{' || coalesce((
        SELECT string_agg(to_json(e.key)::text || ':' || "public"."audit_canonical_json"(e.value), ',' ORDER BY e.key COLLATE "C")
        FROM jsonb_each(value) AS e), '') || '}';
    WHEN 'array' THEN
      RETURN '[' || coalesce((
        SELECT string_agg("public"."audit_canonical_json"(e.value), ',' ORDER BY e.ordinality)
        FROM jsonb_array_elements(value) WITH ORDINALITY AS e), '') || ']';
    WHEN 'number' THEN
      -- Fractions are written differently by different languages, and ids beyond 2^53 are rounded by some.
      IF value::text !~ '^(0|-?[1-9][0-9]{0,15})$' OR abs(value::numeric) > 9007199254740991 THEN
        RAISE EXCEPTION 'audit details hold integers up to 2^53 - 1 only' USING ERRCODE = 'check_violation';
      END IF;
      RETURN value::text;
    ELSE
      RETURN value::text;
  END CASE;
END $$;

-- Sets everything that the caller must not choose. The workspace's chain head is locked until commit, so that
-- events of one workspace have one order without gaps. SECURITY DEFINER: the app's role cannot write the head.
CREATE OR REPLACE FUNCTION "public"."audit_events_append"() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  head_seq bigint;
  head_hash text;
  slug text;
  event_id uuid := gen_random_uuid();
  event_time timestamptz(3);
  event_hash text;
BEGIN
  IF TG_RELID <> 'public.audit_events'::regclass THEN
    RAISE EXCEPTION 'audit_events_append is for public.audit_events only' USING ERRCODE = 'insufficient_privilege';
  END IF;
  -- A commit that the server has not flushed is no commit (C15), whatever the role or the session is set to.
  IF current_setting('synchronous_commit') IN ('off', 'local') THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  SELECT w."slug" INTO slug FROM "public"."workspaces" AS w WHERE w."id" = NEW."workspace_id";
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such workspace' USING ERRCODE = 'foreign_key_violation';
  END IF;
  SELECT c."seq", c."head_hash" INTO head_seq, head_hash
    FROM "public"."audit_chains" AS c WHERE c."workspace_id" = NEW."workspace_id" FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO "public"."audit_chains" ("workspace_id", "seq", "head_hash")
      VALUES (NEW."workspace_id", 0, repeat('0', 64)) ON CONFLICT DO NOTHING;
    SELECT c."seq", c."head_hash" INTO STRICT head_seq, head_hash
      FROM "public"."audit_chains" AS c WHERE c."workspace_id" = NEW."workspace_id" FOR UPDATE;
  END IF;
  head_seq := head_seq + 1;
  event_time := date_trunc('milliseconds', clock_timestamp());
  event_hash := encode(sha256(convert_to(
    '{"actor":{"id":' || to_json(NEW."actor_id")::text
      || ',"label":' || to_json(NEW."actor_label")::text
      || ',"type":' || to_json(NEW."actor_type")::text
      || '},"client_ip":' || coalesce(to_json(host(NEW."client_ip"))::text, 'null')
      || ',"details":' || "public"."audit_canonical_json"(NEW."details")
      || ',"id":' || to_json(event_id::text)::text
      || ',"installation_id":' || coalesce(NEW."installation_id"::text, 'null')
      || ',"occurred_at":"' || to_char(event_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
      || '","prev_hash":"' || head_hash
      || '","request_id":' || to_json(NEW."request_id")::text
      || ',"seq":' || head_seq::text
      || ',"type":' || to_json(NEW."type")::text
      || ',"user_agent":' || coalesce(to_json(NEW."user_agent")::text, 'null')
      || ',"workspace":' || to_json(slug)::text
      || '}', 'UTF8')), 'hex');
  UPDATE "public"."audit_chains" SET "seq" = head_seq, "head_hash" = event_hash WHERE "workspace_id" = NEW."workspace_id";
  NEW."workspace_slug" := slug;
  NEW."id" := event_id;
  NEW."seq" := head_seq;
  NEW."occurred_at" := event_time;
  NEW."prev_hash" := head_hash;
  NEW."hash" := event_hash;
  RETURN NEW;
END $$;

-- These run with their caller's rights. They refuse other tables all the same, so that one rule holds for all.
CREATE OR REPLACE FUNCTION "public"."audit_events_mint"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_RELID <> 'public.audit_events'::regclass THEN
    RAISE EXCEPTION 'audit_events_mint is for public.audit_events only' USING ERRCODE = 'insufficient_privilege';
  END IF;
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

CREATE OR REPLACE FUNCTION "public"."installations_deleted_is_final"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_RELID <> 'public.installations'::regclass THEN
    RAISE EXCEPTION 'installations_deleted_is_final is for public.installations only' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF OLD."status" = 'deleted' AND NEW."status" <> 'deleted' THEN
    RAISE EXCEPTION 'installation % is deleted; deleted is final', OLD."id" USING ERRCODE = 'check_violation';
  END IF;
  -- An installation belongs to one workspace for good: it may be bound once, and never handed on (C21).
  IF OLD."workspace_id" IS NOT NULL AND NEW."workspace_id" IS DISTINCT FROM OLD."workspace_id" THEN
    RAISE EXCEPTION 'installation % is bound already', OLD."id" USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

-- `npm run db:migrate` repeats this after every run, for whatever came without its privileges (prisma/grants.sql).
REVOKE EXECUTE ON FUNCTION "public"."audit_canonical_json"(jsonb), "public"."audit_events_append"(),
  "public"."audit_events_mint"(), "public"."audit_events_are_append_only"(),
  "public"."installations_deleted_is_final"() FROM PUBLIC;
