-- Which repositories an installation shared, and when: for the question who could read one of them, long after it was
-- removed, renamed or pruned. A place in time is a number of the workspace's chain, which no clock can shake.
CREATE TABLE "repository_periods" (
    "installation_id" BIGINT NOT NULL,
    "repository_id" BIGINT NOT NULL,
    "from_version" BIGINT NOT NULL,
    "until_version" BIGINT,
    "from_seq" BIGINT NOT NULL,
    "until_seq" BIGINT,
    "from_time" TIMESTAMPTZ(3) NOT NULL,
    "until_time" TIMESTAMPTZ(3),
    "names" TEXT[],

    CONSTRAINT "repository_periods_pkey" PRIMARY KEY ("installation_id", "repository_id", "from_version")
);
CREATE INDEX "repository_periods_names_idx" ON "repository_periods" USING gin ("names");

CREATE TABLE "minted_repositories" (
    "workspace_id" UUID NOT NULL,
    "repository_id" BIGINT NOT NULL,
    "seq" BIGINT NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "minted_repositories_pkey" PRIMARY KEY ("workspace_id", "repository_id", "seq")
);
CREATE INDEX "minted_repositories_workspace_id_name_seq_idx" ON "minted_repositories" ("workspace_id", "name", "seq");

-- Keeps the history, the version and the count of an installation's list, whichever code changes the list.
-- A statement at a time: a sync of ten thousand repositories is one change of the list.
CREATE FUNCTION "public"."repositories_keep_history"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_RELID <> 'public.repositories'::regclass THEN
    RAISE EXCEPTION 'repositories_keep_history is for public.repositories only' USING ERRCODE = 'insufficient_privilege';
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
    WITH opened AS (
      SELECT n."installation_id", n."id", lower(n."owner" || '/' || n."name") AS name FROM new_rows AS n
      WHERE n."removed_at" IS NULL AND NOT EXISTS (SELECT FROM "public"."repository_periods" AS p
        WHERE p."installation_id" = n."installation_id" AND p."repository_id" = n."id" AND p."until_version" IS NULL)
    ), listed AS (
      UPDATE "public"."installations" AS i SET "repository_list_version" = i."repository_list_version" + 1,
        "repository_count" = i."repository_count" + c.n
      FROM (SELECT "installation_id", count(*)::int AS n FROM opened GROUP BY 1) AS c WHERE i."id" = c."installation_id"
      RETURNING i."id", i."workspace_id", i."repository_list_version" AS version
    ), hours AS (
      -- A token for all repositories reads what is added in its hour, too.
      SELECT l."id", l.version, coalesce((SELECT e."seq" FROM "public"."audit_events" AS e
        WHERE e."workspace_id" = l."workspace_id" AND e."occurred_at" <= clock_timestamp() - interval '1 hour'
        ORDER BY e."seq" DESC LIMIT 1), 0) AS hour_ago
      FROM listed AS l
    )
    INSERT INTO "public"."repository_periods"
      ("installation_id", "repository_id", "from_version", "from_seq", "from_time", "names")
    SELECT o."installation_id", o."id", l.version,
      l.hour_ago, clock_timestamp(), ARRAY[o.name]
    FROM opened AS o JOIN hours AS l ON l."id" = o."installation_id";
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
REVOKE EXECUTE ON FUNCTION "public"."repositories_keep_history"() FROM PUBLIC;

-- Which tokens name a repository. The row of the mint is the truth; this finds it without reading the log.
CREATE FUNCTION "public"."audit_events_name_repositories"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_RELID <> 'public.audit_events'::regclass THEN
    RAISE EXCEPTION 'audit_events_name_repositories is for public.audit_events only' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO "public"."minted_repositories" ("workspace_id", "repository_id", "seq", "name")
    SELECT NEW."workspace_id", (r ->> 'id')::bigint, NEW."seq", coalesce(lower(r ->> 'full_name'), '') FROM jsonb_array_elements(NEW."details" -> 'repositories') AS r
    WHERE jsonb_typeof(r -> 'id') = 'number'
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION "public"."audit_events_name_repositories"() FROM PUBLIC;

-- The triggers below write with their caller's rights. The grants follow the last migration, and one in between reads the
-- whole log; until then no sync and no mint would be recorded. So each role that writes repositories may write these two
-- from now on, and `prisma/grants.sql` sets all of it again.
DO $$
DECLARE
  app regrole;
BEGIN
  FOR app IN
    SELECT DISTINCT a.grantee::regrole FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS a
    WHERE c.oid = 'public.repositories'::regclass AND a.privilege_type = 'INSERT' AND a.grantee NOT IN (0, c.relowner)
  LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON "public"."repository_periods" TO %s', app);
    EXECUTE format('GRANT SELECT, INSERT ON "public"."minted_repositories" TO %s', app);
  END LOOP;
END $$;

-- What is stored already. When a repository was added and removed is in the log, and so are its earlier names; but an
-- event names a hundred repositories at most. Where an unnamed change may lie between, the period is the longer one:
-- from the first day, or until now. An investigation may find a token too many, and none too few.
LOCK TABLE "repositories" IN SHARE ROW EXCLUSIVE MODE;
WITH told AS MATERIALIZED (
  SELECT "workspace_id", "installation_id", "seq", "occurred_at", "type", "details" -> 'count' AS count,
    CASE WHEN jsonb_typeof("details" -> 'repositories') = 'array' THEN "details" -> 'repositories' ELSE '[]'::jsonb END AS items
  FROM "audit_events"
  WHERE "type" IN ('github.repositories_added', 'github.repositories_removed', 'github.repositories_changed')
), named AS (
  SELECT t."workspace_id", t."installation_id", (r ->> 'id')::bigint AS id,
    min(t."seq") FILTER (WHERE t."type" = 'github.repositories_added') AS added,
    min(t."occurred_at") FILTER (WHERE t."type" = 'github.repositories_added') AS added_at,
    max(t."seq") FILTER (WHERE t."type" = 'github.repositories_added') AS added_last,
    min(t."seq") FILTER (WHERE t."type" = 'github.repositories_removed') AS removed_first,
    max(t."seq") FILTER (WHERE t."type" = 'github.repositories_removed') AS removed,
    array_agg(DISTINCT lower(r ->> 'full_name')) FILTER (WHERE r ->> 'full_name' IS NOT NULL) AS names
  FROM told AS t CROSS JOIN LATERAL jsonb_array_elements(t.items) AS r
  WHERE jsonb_typeof(r -> 'id') = 'number'
  GROUP BY 1, 2, 3
), unnamed AS (
  SELECT "workspace_id", "installation_id",
    max("seq") FILTER (WHERE "type" = 'github.repositories_added') AS added_last,
    min("seq") FILTER (WHERE "type" = 'github.repositories_removed') AS removed_first
  FROM told
  WHERE CASE jsonb_typeof(count) WHEN 'number' THEN count::text::numeric > jsonb_array_length(items) ELSE true END
  GROUP BY 1, 2
), hours AS (
  SELECT DISTINCT n."workspace_id", n.added, coalesce((SELECT e."seq" FROM "audit_events" AS e
    WHERE e."workspace_id" = n."workspace_id" AND e."seq" < n.added AND e."occurred_at" <= n.added_at - interval '1 hour'
    ORDER BY e."seq" DESC LIMIT 1), 0) AS hour_ago
  FROM named AS n WHERE n.added IS NOT NULL
), known AS (
  SELECT r."installation_id", r."id", r."removed_at", i."created_at", n.added_at, n.removed, c."seq" AS head, h.hour_ago,
    -- It was shared before the first event that names its addition.
    coalesce(n.removed_first < n.added, false) OR coalesce(u.removed_first < n.added, false) AS came_earlier,
    -- It was, or may have been, shared once more after the last event that names its removal.
    coalesce(n.removed < n.added_last, false) OR coalesce(n.removed < u.added_last, false) AS came_again,
    (SELECT array_agg(DISTINCT name)
      FROM unnest(n.names || lower(r."owner" || '/' || r."name")) AS name) AS names
  FROM "repositories" AS r JOIN "installations" AS i ON i."id" = r."installation_id"
  LEFT JOIN "audit_chains" AS c ON c."workspace_id" = i."workspace_id"
  LEFT JOIN named AS n ON n."workspace_id" = i."workspace_id" AND n."installation_id" = i."id" AND n.id = r."id"
  LEFT JOIN unnamed AS u ON u."workspace_id" = i."workspace_id" AND u."installation_id" = i."id"
  LEFT JOIN hours AS h ON h."workspace_id" = n."workspace_id" AND h.added = n.added
)
INSERT INTO "repository_periods"
  ("installation_id", "repository_id", "from_version", "until_version", "from_seq", "until_seq", "from_time", "until_time", "names")
SELECT "installation_id", "id", 0, CASE WHEN "removed_at" IS NOT NULL THEN 1 END,
  CASE WHEN came_earlier THEN 0 ELSE coalesce(hour_ago, 0) END,
  CASE WHEN "removed_at" IS NULL THEN NULL WHEN came_again THEN head ELSE coalesce(removed, head, 0) END,
  CASE WHEN came_earlier THEN "created_at" ELSE coalesce(added_at, "created_at") END, "removed_at", names
FROM known;
UPDATE "installations" AS i SET "repository_list_version" = 1, "repository_count" = c.n
FROM (SELECT "installation_id", count(*) FILTER (WHERE "removed_at" IS NULL)::int AS n FROM "repositories" GROUP BY 1) AS c
WHERE i."id" = c."installation_id";

CREATE TRIGGER "repositories_history_of_added" AFTER INSERT ON "repositories"
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "public"."repositories_keep_history"();
CREATE TRIGGER "repositories_history_of_changed" AFTER UPDATE ON "repositories"
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "public"."repositories_keep_history"();
CREATE TRIGGER "repositories_history_of_deleted" AFTER DELETE ON "repositories"
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION "public"."repositories_keep_history"();
