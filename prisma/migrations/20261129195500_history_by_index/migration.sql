-- The history of repositories is kept row by row through the primary keys. While a long list is being written, the
-- statistics still tell of an almost empty table; a plan made from them reads the whole table for each row, so that the
-- third ten thousand took longer than a transaction may.
ALTER FUNCTION "public"."repositories_keep_history"() SET enable_seqscan = off;
ALTER FUNCTION "public"."repositories_keep_history"() SET enable_bitmapscan = off;
ALTER FUNCTION "public"."repositories_keep_history"() SET enable_hashjoin = off;
ALTER FUNCTION "public"."repositories_keep_history"() SET enable_mergejoin = off;
ALTER FUNCTION "public"."repositories_keep_history"() SET enable_material = off;
