-- A workspace may forbid API keys.
ALTER TABLE "workspaces" ADD COLUMN "api_keys_allowed" BOOLEAN DEFAULT true NOT NULL;
CREATE TRIGGER "workspaces_authority_changes" AFTER UPDATE ON "workspaces"
  FOR EACH ROW WHEN ((OLD."id", OLD."api_keys_allowed") IS DISTINCT FROM (NEW."id", NEW."api_keys_allowed"))
  EXECUTE FUNCTION "mint_authority_ends"();
ALTER TABLE "workspaces" ENABLE ALWAYS TRIGGER "workspaces_authority_changes";
