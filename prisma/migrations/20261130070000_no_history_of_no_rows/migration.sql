-- Every uninstall updates its live repositories, of which there may be none, and starting the statements of the history
-- took more time than the rest of that statement. So each is started only if it has rows to write: an update of no row
-- ends at once, and an update that leaves no row live opens no period. All else is as in 20261129203100.
CREATE OR REPLACE FUNCTION "public"."repositories_keep_history"() RETURNS trigger LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET enable_material = off AS $$
BEGIN
  IF TG_RELID <> 'public.repositories'::regclass THEN
    RAISE EXCEPTION 'repositories_keep_history is for public.repositories only' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF NOT EXISTS (SELECT FROM new_rows) THEN
      RETURN NULL;
    END IF;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    WITH closed AS (
      SELECT o."installation_id", o."id" FROM old_rows AS o
      WHERE o."removed_at" IS NULL AND (TG_OP = 'DELETE' OR NOT EXISTS (
        SELECT FROM "public"."repositories" AS n
        WHERE n."installation_id" = o."installation_id" AND n."id" = o."id" AND n."removed_at" IS NULL))
    ), listed AS (
      UPDATE "public"."installations" AS i SET "repository_list_version" = i."repository_list_version" + 1,
        "repository_count" = i."repository_count" - c.n
      FROM (SELECT "installation_id", count(*)::int AS n FROM closed GROUP BY 1) AS c WHERE i."id" = c."installation_id"
      RETURNING i."id", i."workspace_id", i."repository_list_version" AS version
    )
    UPDATE "public"."repository_periods" AS p SET "until_version" = l.version, "until_time" = clock_timestamp(),
      "until_seq" = coalesce((SELECT "seq" FROM "public"."audit_chains" WHERE "workspace_id" = l."workspace_id"), 0)
    FROM closed AS c JOIN listed AS l ON l."id" = c."installation_id"
    WHERE p."installation_id" = c."installation_id" AND p."repository_id" = c."id" AND p."until_version" IS NULL;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    IF EXISTS (SELECT FROM new_rows WHERE "removed_at" IS NULL) THEN
      WITH opened AS (
        SELECT n."installation_id", n."id", lower(n."owner" || '/' || n."name") AS name FROM new_rows AS n
        WHERE n."removed_at" IS NULL AND NOT EXISTS (SELECT FROM "public"."repository_periods" AS p
          WHERE p."installation_id" = n."installation_id" AND p."repository_id" = n."id" AND p."until_version" IS NULL)
      ), listed AS (
        UPDATE "public"."installations" AS i SET "repository_list_version" = i."repository_list_version" + 1,
          "repository_count" = i."repository_count" + c.n
        FROM (SELECT "installation_id", count(*)::int AS n FROM opened GROUP BY 1) AS c WHERE i."id" = c."installation_id"
        RETURNING i."id", i."workspace_id", i."repository_list_version" AS version, i."list_read_seq"
      ), hours AS (
        SELECT l."id", l.version, coalesce((SELECT e."seq" FROM "public"."audit_events" AS r
          JOIN "public"."audit_events" AS e ON e."workspace_id" = r."workspace_id" AND e."seq" < r."seq"
            AND e."occurred_at" <= r."occurred_at" - interval '1 hour'
          WHERE r."workspace_id" = l."workspace_id" AND r."seq" = l."list_read_seq"
          ORDER BY e."seq" DESC LIMIT 1), 0) AS hour_before
        FROM listed AS l
      )
      INSERT INTO "public"."repository_periods"
        ("installation_id", "repository_id", "from_version", "from_seq", "from_time", "names")
      SELECT o."installation_id", o."id", l.version,
        l.hour_before, clock_timestamp(), ARRAY[o.name]
      FROM opened AS o JOIN hours AS l ON l."id" = o."installation_id";
    END IF;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    -- A repository that was renamed is found by each of its names.
    UPDATE "public"."repository_periods" AS p SET "names" = p."names" || lower(n."owner" || '/' || n."name")
    FROM new_rows AS n
    WHERE p."installation_id" = n."installation_id" AND p."repository_id" = n."id" AND p."until_version" IS NULL
      AND NOT p."names" @> ARRAY[lower(n."owner" || '/' || n."name")];
  END IF;
  RETURN NULL;
END $$;
