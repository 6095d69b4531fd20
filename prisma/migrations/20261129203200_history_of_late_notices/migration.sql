-- The periods that are stored begin an hour before the addition was noticed. Each one begins now an hour before an earlier
-- sync read the list: the last one that is known to have ended, because it recorded what it found. Without such a sync
-- the period begins with the first event. An investigation may find a token too many, and none too few.
WITH noticed AS (
  SELECT p."installation_id", i."workspace_id", p."from_version", p."from_seq", min(p."from_time") AS at
  FROM "repository_periods" AS p JOIN "installations" AS i ON i."id" = p."installation_id"
  WHERE p."from_seq" > 0 GROUP BY 1, 2, 3, 4
), placed AS (
  -- The first event after the notice. Times are rounded: one that is too early leads to an older sync.
  SELECT n.*, coalesce((SELECT e."seq" FROM "audit_events" AS e
    WHERE e."workspace_id" = n."workspace_id" AND e."seq" > n."from_seq"
      AND e."occurred_at" >= n.at - interval '10 milliseconds'
    ORDER BY e."seq" LIMIT 1), 9223372036854775807) AS place
  FROM noticed AS n
), begun AS (
  SELECT p.*, coalesce((
    SELECT hour_before."seq"
    -- The sync that noticed reads the list with a token of its own.
    FROM (SELECT e."seq" FROM "audit_events" AS e
      WHERE e."workspace_id" = p."workspace_id" AND e."installation_id" = p."installation_id" AND e."seq" < p.place
        AND e."type" = 'github.token_minted' AND e."actor_id" = 'system:sync'
      ORDER BY e."seq" DESC LIMIT 1) AS noticing
    CROSS JOIN LATERAL (SELECT e."seq" FROM "audit_events" AS e
      WHERE e."workspace_id" = p."workspace_id" AND e."installation_id" = p."installation_id" AND e."seq" < noticing."seq"
        AND e."type" IN ('github.repositories_added', 'github.repositories_removed', 'github.repositories_changed')
        AND e."details" ->> 'noticed_by' = 'sync'
      ORDER BY e."seq" DESC LIMIT 1) AS recorded
    CROSS JOIN LATERAL (SELECT e."seq", e."occurred_at" FROM "audit_events" AS e
      WHERE e."workspace_id" = p."workspace_id" AND e."installation_id" = p."installation_id" AND e."seq" < recorded."seq"
        AND e."type" = 'github.token_minted' AND e."actor_id" = 'system:sync'
      ORDER BY e."seq" DESC LIMIT 1) AS reading
    CROSS JOIN LATERAL (SELECT e."seq" FROM "audit_events" AS e
      WHERE e."workspace_id" = p."workspace_id" AND e."seq" < reading."seq"
        AND e."occurred_at" <= reading."occurred_at" - interval '1 hour'
      ORDER BY e."seq" DESC LIMIT 1) AS hour_before
  ), 0) AS since
  FROM placed AS p
)
UPDATE "repository_periods" AS p SET "from_seq" = b.since
FROM begun AS b
WHERE p."installation_id" = b."installation_id" AND p."from_version" = b."from_version" AND p."from_seq" = b."from_seq"
  AND b.since < p."from_seq";
