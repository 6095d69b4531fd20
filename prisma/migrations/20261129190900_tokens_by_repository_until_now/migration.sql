-- After the trigger, in a migration of its own: it reads the whole log and keeps no writer waiting.
INSERT INTO "minted_repositories" ("workspace_id", "repository_id", "seq", "name")
  SELECT e."workspace_id", (r ->> 'id')::bigint, e."seq", coalesce(lower(r ->> 'full_name'), '')
  FROM "audit_events" AS e CROSS JOIN LATERAL jsonb_array_elements(
    CASE WHEN jsonb_typeof(e."details" -> 'repositories') = 'array' THEN e."details" -> 'repositories' ELSE '[]'::jsonb END) AS r
  WHERE e."type" = 'github.token_minted' AND jsonb_typeof(r -> 'id') = 'number'
  ON CONFLICT DO NOTHING;
