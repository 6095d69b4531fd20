-- Rules by which services authenticate with identity tokens (docs/decisions/0022), and the tokens that have minted. Two
-- new, empty tables; the foreign key locks `workspaces` for a moment only.
CREATE TABLE "trust_rules" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspace_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "claims" JSONB NOT NULL DEFAULT '{}',
    "revision" INTEGER NOT NULL DEFAULT 0,
    "repository_ids" BIGINT[] NOT NULL DEFAULT ARRAY[]::BIGINT[],
    "bound" BOOLEAN NOT NULL DEFAULT false,
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "last_used_ip" INET,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "trust_rules_pkey" PRIMARY KEY ("id"),
    -- Both are part of an index, whose rows hold 2,700 bytes at most.
    CONSTRAINT "trust_rules_issuer" CHECK (octet_length("issuer") BETWEEN 1 AND 500),
    CONSTRAINT "trust_rules_subject" CHECK (octet_length("subject") BETWEEN 1 AND 2000),
    CONSTRAINT "trust_rules_claims" CHECK (jsonb_typeof("claims") = 'object')
);
CREATE INDEX "trust_rules_workspace_id_idx" ON "trust_rules"("workspace_id");
-- Finds the rules for a token by the prefixes of its subject. The workspace stands last, because only some callers name it.
CREATE INDEX "trust_rules_by_subject" ON "trust_rules" ("issuer", split_part("subject", '*', 1), "workspace_id")
  WHERE "revoked_at" IS NULL;
ALTER TABLE "trust_rules" ADD CONSTRAINT "trust_rules_workspace_id_fkey"
  FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "workload_tokens" (
    "fingerprint" BYTEA NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "workload_tokens_pkey" PRIMARY KEY ("fingerprint"),
    CONSTRAINT "workload_tokens_fingerprint" CHECK (octet_length("fingerprint") = 32)
);
CREATE INDEX "workload_tokens_expires_at_idx" ON "workload_tokens"("expires_at");

-- `audit_events_mint_authority` reads the rules with its caller's privileges from a later migration on, and the grants
-- follow the last migration. So each role that writes the audit log may read the rules from now on.
DO $$
DECLARE
  app regrole;
BEGIN
  FOR app IN
    SELECT DISTINCT a.grantee::regrole
    FROM pg_class AS c JOIN pg_attribute AS t ON t.attrelid = c.oid CROSS JOIN LATERAL aclexplode(t.attacl) AS a
    WHERE c.oid = 'public.audit_events'::regclass AND a.privilege_type = 'INSERT' AND a.grantee NOT IN (0, c.relowner)
  LOOP
    EXECUTE format('GRANT SELECT ON "public"."trust_rules" TO %s', app);
  END LOOP;
END $$;

-- As before, and for rules and workspaces too.
CREATE OR REPLACE FUNCTION "public"."mint_authority_ends"() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  workspace uuid;
BEGIN
  IF TG_RELID = 'public.workspaces'::pg_catalog.regclass THEN
    workspace := OLD."id";
  ELSIF TG_RELID = ANY ('{public.api_keys, public.memberships, public.trust_rules}'::pg_catalog.regclass[]) THEN
    workspace := OLD."workspace_id";
  ELSE
    RAISE EXCEPTION 'mint_authority_ends serves api_keys, memberships, trust_rules and workspaces only'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO "public"."audit_chains" ("workspace_id", "seq", "head_hash")
    VALUES (workspace, 0, repeat('0', 64)) ON CONFLICT DO NOTHING;
  PERFORM FROM "public"."audit_chains" AS c WHERE c."workspace_id" = workspace FOR UPDATE;
  RETURN NULL;
END $$;
CREATE TRIGGER "trust_rules_authority_ends" AFTER DELETE ON "trust_rules"
  FOR EACH ROW EXECUTE FUNCTION "mint_authority_ends"();
-- Not for `name` and the last use: these change nothing that a mint may do. `claims` changes with `revision`.
CREATE TRIGGER "trust_rules_authority_changes" AFTER UPDATE ON "trust_rules"
  FOR EACH ROW WHEN ((OLD."id", OLD."workspace_id", OLD."issuer", OLD."revision", OLD."revoked_at", OLD."expires_at",
      OLD."bound", OLD."repository_ids")
    IS DISTINCT FROM (NEW."id", NEW."workspace_id", NEW."issuer", NEW."revision", NEW."revoked_at", NEW."expires_at",
      NEW."bound", NEW."repository_ids"))
  EXECUTE FUNCTION "mint_authority_ends"();
ALTER TABLE "trust_rules" ENABLE ALWAYS TRIGGER "trust_rules_authority_ends";
ALTER TABLE "trust_rules" ENABLE ALWAYS TRIGGER "trust_rules_authority_changes";
