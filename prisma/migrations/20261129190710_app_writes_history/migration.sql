-- The triggers write with their caller's rights. The grants follow after the last migration, and the one that fills
-- `minted_repositories` from a long log takes its time: until then no mint and no sync would be on record. So whoever
-- writes repositories may write these two from now on; `prisma/grants.sql` decides anew afterwards.
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
